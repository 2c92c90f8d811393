// SPDX-License-Identifier: LGPL-2.1-or-later
#include "composer.h"

#include <algorithm>
#include <utility>

namespace torchclassify::overlay {
namespace {

// The same picture, wherever it is.
bool look_alike(const Panel& a, const Panel& b) {
  return a.area.width == b.area.width && a.area.height == b.area.height &&
         a.lines == b.lines && a.padding == b.padding &&
         a.text_width == b.text_width && a.bar_width == b.bar_width &&
         a.value_width == b.value_width && a.ground == b.ground &&
         a.ink == b.ink && a.colored_bars == b.colored_bars;
}

BufferPtr another_reference(const BufferPtr& buffer) {
  return BufferPtr(gst_buffer_ref(buffer.get()));
}

void add_rectangle(GstVideoOverlayComposition* composition,
                   const Stamp& stamp) {
  const Area& area = stamp.area;
  GstVideoOverlayRectangle* rectangle = gst_video_overlay_rectangle_new_raw(
      stamp.pixels.get(), area.x, area.y, area.width, area.height,
      GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_video_overlay_composition_add_rectangle(composition, rectangle);
  gst_video_overlay_rectangle_unref(rectangle);
}

CompositionPtr start_composition(GstVideoOverlayComposition* below) {
  return CompositionPtr(below ? gst_video_overlay_composition_copy(below)
                              : gst_video_overlay_composition_new(nullptr));
}

}  // namespace

bool Composer::compose(std::vector<Finding> findings, const Look& look,
                       const std::string& font, const Canvas& canvas) {
  if (composed_ && findings == findings_ && look == look_ && font == font_ &&
      canvas == canvas_)
    return false;
  composed_ = false;  // until nothing can fail any more
  const bool same_letters =
      font == font_ && canvas.pixel_aspect == canvas_.pixel_aspect;
  if (!same_letters)
    known_.clear();
  if (font != font_)
    painter_.set_font(font);
  Look sized = look;
  sized.font_size = painter_.font_size();
  draw(lay_out(findings, sized, canvas,
               [this](const std::string& text, double size, bool bold) {
                 return painter_.measure(text, size, bold);
               }),
       canvas);
  findings_ = std::move(findings);
  look_ = look;
  font_ = font;
  canvas_ = canvas;
  composed_ = true;
  return !stamps_.empty();
}

void Composer::draw(const Drawing& drawing, const Canvas& canvas) {
  composition_.reset();
  stamps_.clear();
  ++drawing_;
  left_out_ = drawing.left_out;
  for (const Rotated& outline : drawing.rotated)
    stamps_.push_back({painter_.paint(outline), outline.area});
  for (const Edge& edge : drawing.edges)
    stamps_.push_back({Painter::paint(edge), edge.area});
  std::vector<Known> drawn;
  for (const Panel& panel : drawing.panels) {
    stamps_.push_back(stamp_of(panel, canvas));
    drawn.push_back({panel, another_reference(stamps_.back().pixels)});
  }
  known_ = std::move(drawn);
}

Stamp Composer::stamp_of(const Panel& panel, const Canvas& canvas) {
  const auto known =
      std::find_if(known_.begin(), known_.end(),
                   [&](const Known& k) { return look_alike(k.panel, panel); });
  return {known != known_.end() ? another_reference(known->pixels)
                                : painter_.paint(panel, canvas.pixel_aspect),
          panel.area};
}

GstVideoOverlayComposition* Composer::composition(
    GstVideoOverlayComposition* below) {
  if (stamps_.empty())
    return nullptr;
  const guint number =
      below ? gst_video_overlay_composition_get_seqnum(below) : 0;
  if (!composition_ || number != below_) {
    composition_ = start_composition(below);
    below_ = number;
    for (const Stamp& stamp : stamps_) add_rectangle(composition_.get(), stamp);
  }
  return composition_.get();
}

}  // namespace torchclassify::overlay
