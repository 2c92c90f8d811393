// SPDX-License-Identifier: LGPL-2.1-or-later
// Random frames: some hold what their caps and metas say, some do not.
#pragma once

#include <gst/video/video.h>

#include <array>
#include <string>
#include <vector>

#include "random.h"
#include "torchclassify/image.h"

namespace support {

// An object that a detector has found, with whatever numbers.
struct RandomObject {
  const char* type;
  guint x;
  guint y;
  guint width;
  guint height;
  double rotation;  // radians, clockwise; 0: none is written
  int track;        // as written, if it is
  bool tracked;
};

class RandomFrame {
 public:
  explicit RandomFrame(Random& random);

  GstCaps* make_caps() const { return gst_video_info_to_caps(&info_); }
  // Of several memories of several kinds, each of its own size to the byte.
  GstBuffer* make_buffer(Random& random) const;

  int width() const { return info_.width; }
  int height() const { return info_.height; }
  const GstVideoInfo& info() const { return info_; }
  const std::vector<guint8>& bytes() const { return bytes_; }
  const std::vector<RandomObject>& objects() const { return objects_; }
  GstClockTime pts() const { return pts_; }
  bool is_gap() const { return gap_; }
  // The memory that somebody is writing to all the time; -1: none.
  int held() const { return held_; }

  // For who looks for the reason of a failure.
  std::string text() const;
  // Whether every plane is there, whole, and can be read.
  bool is_honest() const;
  // Whether its layout is the one that the caps imply.
  bool is_packed() const;
  // The pixels, for honest ones; from the frame's own bytes.
  torchclassify::ImageView view() const;

 private:
  void choose_caps(Random& random);
  void choose_layout(Random& random);
  void choose_memories(Random& random);
  void choose_objects(Random& random);
  void lie(Random& random);
  bool holds(int plane) const;
  GstMemory* make_memory(Random& random, gsize offset, gsize size,
                         bool may_be_read_only) const;

  GstVideoInfo info_{};
  torchclassify::PixelFormat format_{};
  torchclassify::ColorMatrix matrix_{};
  torchclassify::ColorRange range_{};
  int planes_ = 0;

  bool has_meta_ = false;
  GstVideoFormat meta_format_{};
  guint meta_planes_ = 0;
  guint meta_width_ = 0;
  guint meta_height_ = 0;
  std::array<gsize, GST_VIDEO_MAX_PLANES> offset_{};
  std::array<int, GST_VIDEO_MAX_PLANES> stride_{};

  std::vector<guint8> bytes_;
  std::vector<gsize> memories_;  // their sizes, one after the other
  int held_ = -1;
  bool shared_ = false;  // all memories are parts of one block

  GstClockTime pts_ = GST_CLOCK_TIME_NONE;
  bool gap_ = false;
  std::vector<RandomObject> objects_;
};

// As many as the pad template's caps have.
int random_formats();

}  // namespace support
