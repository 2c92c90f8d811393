// SPDX-License-Identifier: LGPL-2.1-or-later
// What torchpublish's tests share: the element between two pads, frames that
// carry results, and what the element has said.
#pragma once

#include <gst/check/gstharness.h>

#include <string>
#include <utility>
#include <vector>

namespace support {

inline constexpr GstClockTime kStep = 40 * GST_MSECOND;  // between frames

struct TestClass {
  std::string label;
  int id = 0;
  double confidence = 0;
  bool present = false;
};

// One result as torchclassify writes it.
struct TestResult {
  std::string label = "stop";
  int id = 14;
  double confidence = 0.75;
  int object_id = -1;
  std::string object_class;
  std::vector<TestClass> top = {};
};

// A frame of this index, with one meta of these results.
GstBuffer* result_frame(int index, const std::vector<TestResult>& results);
GstBuffer* result_frame(int index, const char* label = "stop");
// One more meta, as a second torchclassify adds it.
void add_results(GstBuffer* buffer, const std::string& model,
                 const std::vector<TestResult>& results);

// torchpublish with these properties (as for gst-launch-1.0) and a bus, not yet
// started.
class Publisher {
 public:
  explicit Publisher(const std::string& properties);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  GstElement* element() const { return element_; }
  // Playing, between two pads, in a stream that has begun.
  void play();
  // Pushes a frame and takes it at the other side, where it must be the same.
  void push(GstBuffer* buffer);
  GstFlowReturn try_push(GstBuffer* buffer);
  // Ends the stream; returns once the element lets the end pass.
  void end();
  bool send(GstEvent* event);

  guint64 count(const char* name) const;
  bool is_connected() const;
  // Whether the counter has reached this within so many seconds.
  bool reaches(const char* name, guint64 value, double seconds) const;

  // The texts of messages of this type (error, warning, info), each told once.
  std::vector<std::string> said(GstMessageType type) const;
  // The same, once there is one or so many seconds have passed.
  std::vector<std::string> hears(GstMessageType type, double seconds) const;

 private:
  GstElement* element_;
  GstBus* bus_;
  GstHarness* harness_ = nullptr;
  mutable std::vector<std::pair<GstMessageType, std::string>> told_;
};

// True once the condition is, false after so many seconds.
template <typename Condition>
bool within(double seconds, Condition condition) {
  const gint64 end =
      g_get_monotonic_time() + static_cast<gint64>(seconds * G_USEC_PER_SEC);
  while (!condition()) {
    if (g_get_monotonic_time() > end)
      return false;
    g_usleep(5'000);
  }
  return true;
}

// How long something takes, in seconds.
template <typename Work>
double seconds_of(Work work) {
  const gint64 before = g_get_monotonic_time();
  work();
  return static_cast<double>(g_get_monotonic_time() - before) / G_USEC_PER_SEC;
}

// What pushes have cost the streaming thread.
class Pace {
 public:
  void push(Publisher& publisher, GstBuffer* buffer);
  double percentile(double fraction) const;  // microseconds

 private:
  std::vector<double> microseconds_;
};

// That no frame waited for anybody. A broker's silence lasts seconds; what is
// allowed here is what a machine that is busy does to a thread.
void assert_unhindered(const Pace& pace);

}  // namespace support
