// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps what was drawn for as long as it is to look the same.
#pragma once

#include <gst/video/video.h>

#include <string>
#include <vector>

#include "findings.h"
#include "gst_raii.h"
#include "layout.h"
#include "painter.h"

namespace torchclassify::overlay {

// A picture on the frame, as Painter makes it.
struct Stamp {
  BufferPtr pixels;
  Area area;
};

using CompositionPtr =
    std::unique_ptr<GstVideoOverlayComposition, MiniObjectUnref>;

// One thread at a time.
class Composer {
 public:
  // Draws the findings, unless they are those of the last call with the same
  // look, font and canvas. True if something was drawn anew. Texts that were
  // there before are not drawn again where only their places change.
  bool compose(std::vector<Finding> findings, const Look& look,
               const std::string& font, const Canvas& canvas);

  // Of the last compose(): borrowed until the next.
  const std::vector<Stamp>& stamps() const { return stamps_; }
  std::size_t left_out() const { return left_out_; }
  // Another number for each that differs; 0 before the first.
  guint64 drawing() const { return drawing_; }

  // The same for a sink: the same object until something changes. On top of
  // what others have drawn (may be null). Null if there is nothing to draw.
  GstVideoOverlayComposition* composition(GstVideoOverlayComposition* below);

 private:
  void draw(const Drawing& drawing, const Canvas& canvas);
  Stamp stamp_of(const Panel& panel, const Canvas& canvas);

  struct Known {
    Panel panel;
    BufferPtr pixels;
  };

  Painter painter_;
  std::vector<Finding> findings_;
  Look look_;
  std::string font_;
  Canvas canvas_;
  bool composed_ = false;

  std::vector<Stamp> stamps_;
  std::vector<Known> known_;  // the panels among the stamps
  std::size_t left_out_ = 0;
  guint64 drawing_ = 0;
  CompositionPtr composition_;  // of the stamps and...
  guint below_ = 0;             // the sequence number of what is below; 0: none
};

}  // namespace torchclassify::overlay
