// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams through the element, with what was sent and what came on record.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "classify_harness.h"

namespace support {

// A frame, event, query or message; where it was sent: as it shall arrive.
struct Item {
  std::string_view what;    // "frame", "model", or the event's or query's type
  std::int64_t number = 0;  // a frame's index, an event's sequence number
  std::string label;        // a frame's; the model's name
  int width = 0;            // of the frame, as its result says

  bool operator==(const Item&) const = default;
};
using Record = std::vector<Item>;

// "class 23", which the model named so gives to the frame with this index.
std::string label_of_frame(const std::string& classes, int index);

// One element, and one stream after another. One thread at a time.
class RecordedStream {
 public:
  // Properties as for gst-launch-1.0. The model's classes are named "class N".
  explicit RecordedStream(const char* properties);
  ~RecordedStream();
  RecordedStream(const RecordedStream&) = delete;
  RecordedStream& operator=(const RecordedStream&) = delete;

  GstElement* element() const { return element_.get(); }
  const Record& sent() const { return sent_; }

  // A stream begins, in caps of this width and in time.
  void start(int width);
  // Its end must have been sent: waits until it comes, and returns all that
  // came.
  Record stop();

  void push_caps(int width);
  void push_segment(guint32 seqnum);
  void push_event(GstEvent* event);
  // The frame with this index, and behind every third an event of no meaning.
  // Refused, and not on record, after the end.
  void push_frame(int index);
  // Returns once it has been answered.
  void send_query(GstQuery* query);
  // From downstream; answered as a source does.
  void seek();
  // Returns once the next frame will be classified with it. "other" in its name
  // stands for classes named "other N", else they are "class N".
  void swap_model(const char* model);

 private:
  static GstFlowReturn chain(GstPad* pad, GstObject*, GstBuffer* buffer);
  static gboolean sink_event(GstPad* pad, GstObject*, GstEvent* event);
  static gboolean sink_query(GstPad* pad, GstObject*, GstQuery* query);
  static gboolean source_event(GstPad* pad, GstObject*, GstEvent* event);
  static GstBusSyncReply message(GstBus*, GstMessage* message, gpointer self);
  void receive(Item item);

  const ElementPtr element_;
  const BusPtr bus_;
  const PadPtr source_;
  const PadPtr sink_;

  Record sent_;
  std::string model_;     // asked for last, if any was
  bool swapped_ = false;  // since the last frame
  int frames_ = 0;        // of this stream
  int width_ = 0;
  bool ended_ = false;

  std::mutex mutex_;  // protects what follows
  std::condition_variable changed_;
  Record received_;
  bool end_received_ = false;
};

}  // namespace support
