// SPDX-License-Identifier: LGPL-2.1-or-later
// What the element's tests share: harnesses, frames, and the results on them.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace support {

inline constexpr char kCaps[] = "video/x-raw,format=GRAY8,width=8,height=4";
inline constexpr gsize kBytes = 32;  // of a frame of these caps
inline constexpr GstClockTime kFrame = 40 * GST_MSECOND;

struct HarnessFree {
  void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, HarnessFree>;

struct ObjectUnref {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
using ElementPtr = std::unique_ptr<GstElement, ObjectUnref>;
using PadPtr = std::unique_ptr<GstPad, ObjectUnref>;
using BusPtr = std::unique_ptr<GstBus, ObjectUnref>;

// The element with these properties (as for gst-launch-1.0), playing.
Harness make_harness(const char* properties);
// The same, after its stream has begun with kCaps.
Harness playing(const char* properties);
ElementPtr element_of(const Harness& harness);
// A bus of its own, until it is destroyed.
class HarnessBus {
 public:
  explicit HarnessBus(const Harness& harness);
  ~HarnessBus();
  HarnessBus(const HarnessBus&) = delete;
  HarnessBus& operator=(const HarnessBus&) = delete;

  GstBus* get() const { return bus_.get(); }

 private:
  ElementPtr element_;
  BusPtr bus_;
};

// Every byte has this value; the index gives the time.
GstBuffer* frame(int value, int index, gsize bytes = kBytes);

// From 0 on.
void push_segment(const Harness& harness, GstFormat format = GST_FORMAT_TIME);

// Null, or -2, where the buffer carries no result.
const GstStructure* result_of(GstBuffer* buffer);
int label_of(GstBuffer* buffer);
// One of the property stats.
guint64 counter(const Harness& harness, const char* name);

// Exactly one error waits on the bus, and it is this one.
void assert_one_error(GstBus* bus, GQuark domain, int code);
// The same for a warning, for which it waits.
void assert_one_warning(GstBus* bus, GQuark domain, int code);

// Waits until it is so.
void wait_for(const char* what, const std::function<bool()>& there);
// The name of class 0 of the model that is in use.
std::string first_class(GstElement* element);
void wait_for_first_class(GstElement* element, const char* name);
// The next frame is of class 30.
void assert_next_label(const Harness& harness, const char* label);

// A lone element with a bus of its own, in the state NULL.
struct Lone {
  explicit Lone(const char* model);
  ~Lone();
  Lone(const Lone&) = delete;
  Lone& operator=(const Lone&) = delete;

  GstElement* element;
  GstBus* bus;
};

}  // namespace support
