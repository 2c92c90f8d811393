// SPDX-License-Identifier: LGPL-2.1-or-later
#include "blending.h"

#include <stdexcept>
#include <string>

#include "frames.h"

namespace torchclassify::overlay {
namespace {

void blend_composition(GstVideoOverlayComposition* composition,
                       GstVideoFrame& frame) {
  if (!gst_video_overlay_composition_blend(composition, &frame))
    throw std::runtime_error(
        std::string("expected a format that can be drawn on, got ") +
        GST_VIDEO_INFO_NAME(&frame.info));
}

}  // namespace

void Blender::prepare(const Composer& composer, const GstVideoInfo& info) {
  if (drawing_ == composer.drawing() && gst_video_info_is_equal(&info, &info_))
    return;
  inks_.clear();
  for (const Stamp& stamp : composer.stamps()) inks_.emplace_back(stamp, info);
  info_ = info;
  drawing_ = composer.drawing();
}

void Blender::blend(GstVideoOverlayComposition* below, Composer& composer,
                    GstBuffer* buffer, const GstVideoInfo& info) {
  if (!below && composer.stamps().empty())
    return;
  MappedFrame frame(buffer, info, GST_MAP_READWRITE);
  if (!Ink::fits(info)) {
    blend_composition(
        composer.stamps().empty() ? below : composer.composition(below),
        frame.get());
    return;
  }
  if (below)
    blend_composition(below, frame.get());
  prepare(composer, info);
  for (const Ink& ink : inks_) ink.apply(frame.get());
}

}  // namespace torchclassify::overlay
