// SPDX-License-Identifier: LGPL-2.1-or-later
// Which caps go with which: with the feature meta:GstVideoOverlayComposition,
// what is drawn is attached to frames; without, it is blended into them.
#pragma once

#include <gst/video/video.h>

#include <memory>

#include "boxes.h"
#include "gst_raii.h"

namespace torchclassify::overlay {

using CapsPtr = std::unique_ptr<GstCaps, MiniObjectUnref>;

bool has_composition_feature(const GstCaps* caps);

// What may leave where these caps enter: with the feature first, and without
// where the pixels can be reached.
CapsPtr caps_after(const GstCaps* caps);
// What may enter where these caps leave.
CapsPtr caps_before(const GstCaps* caps);

// The first of the caps with the feature, or without; null if there is none.
CapsPtr first_with(const GstCaps* caps, bool feature);

// True if the pad's peer has a use for compositions with these caps. They are
// sent to it: it could not answer for caps that it has not got.
bool peer_takes_compositions(GstPad* src, GstCaps* caps);

// The frames' size and the shape of their pixels, also where the format is one
// that only a device knows. False where the caps have no size.
bool canvas_of(const GstCaps* caps, Canvas& canvas);

}  // namespace torchclassify::overlay
