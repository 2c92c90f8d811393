// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline with a torchclassify in it, and what went through that.
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <string>
#include <vector>

#include "classify_harness.h"

namespace support {

// A buffer, or an event, as a pad saw it.
struct Seen {
  GstEventType event = GST_EVENT_UNKNOWN;  // of a buffer: unknown
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  int label = -2;  // as label_of()
  int width = 0;   // of the result, pixels
};

enum class End { kEos, kError, kNothing };

// Goes to NULL at its end.
class Playback {
 public:
  // As for gst-launch-1.0; the element is called classify and has this model.
  Playback(const std::string& line, const std::string& model);
  ~Playback();
  Playback(const Playback&) = delete;
  Playback& operator=(const Playback&) = delete;

  GstElement* pipeline() const { return pipeline_.get(); }
  GstElement* classify() const { return classify_.get(); }
  void play();
  // Of the pipeline, within the seconds; the error stays in error().
  End wait(int seconds = 60);
  // Plays to the end.
  End play_to_end();
  const std::string& error() const { return error_; }

  std::vector<Seen> seen_in() const;
  std::vector<Seen> seen_out() const;

 private:
  void watch(const char* pad, std::vector<Seen>* list);
  static GstPadProbeReturn note(GstPad* pad, GstPadProbeInfo* info,
                                gpointer data);

  struct Watch {
    Playback* playback;
    std::vector<Seen>* list;
  };

  ElementPtr pipeline_;
  ElementPtr classify_;
  std::string error_;
  Watch watches_[2];
  int watching_ = 0;
  mutable std::mutex mutex_;  // protects the lists
  std::vector<Seen> in_;
  std::vector<Seen> out_;
};

// The buffers among what was seen.
std::vector<Seen> buffers(const std::vector<Seen>& seen);

// Each buffer went in and came out, in order, with ascending times.
void assert_same_buffers(const Playback& playback);

}  // namespace support
