// SPDX-License-Identifier: LGPL-2.1-or-later
// A torchoverlay between two pads, and what it has drawn on gray frames.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <memory>
#include <string>

namespace support {

inline constexpr int kWidth = 320;
inline constexpr int kHeight = 240;
inline constexpr char kGray[] = "video/x-raw,format=GRAY8,width=320,height=240";

struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using Buffer = std::unique_ptr<GstBuffer, BufferUnref>;

class Overlay {
 public:
  // attach: downstream asks for compositions.
  explicit Overlay(const std::string& properties = "", bool attach = false,
                   const char* caps = kGray);

  GstHarness* harness() const { return harness_.get(); }
  GstElement* element() const { return element_.get(); }

  // The frame as it leaves; it must leave.
  Buffer pass(GstBuffer* buffer) const;
  guint64 counter(const char* name) const;
  // Whether the caps that leave have the feature of compositions.
  bool attaches() const;

 private:
  struct HarnessFree {
    void operator()(GstHarness* h) const { gst_harness_teardown(h); }
  };
  struct ObjectUnref {
    void operator()(gpointer object) const { gst_object_unref(object); }
  };
  std::unique_ptr<GstHarness, HarnessFree> harness_;
  std::unique_ptr<GstElement, ObjectUnref> element_;
};

// Black, of kGray.
GstBuffer* black_frame();

// Bytes of a frame of kGray, inside the area, that are not black.
int lit(GstBuffer* frame, int x, int y, int width, int height);
inline int lit(const Buffer& frame) {
  return lit(frame.get(), 0, 0, kWidth, kHeight);
}

GstVideoOverlayComposition* composition_of(const Buffer& frame);

}  // namespace support
