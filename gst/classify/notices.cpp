// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notices.h"

#include <utility>

#include "errors.h"
#include "metadata.h"

namespace torchclassify {

void Notices::start() {
  model_serial_ = 0;
  warned_not_finite_ = false;
}

void Notices::note_model(const OpenModel& model, GstBuffer* buffer,
                         const GstSegment& segment) {
  const std::uint64_t before = std::exchange(model_serial_, model.serial);
  if (before == 0 || before == model.serial)
    return;
  ++counters_.swaps;
  post_message(element_, model_structure(model, buffer, segment));
}

void Notices::note_settings(const FrameSettings& settings) {
  const auto refusal = refusal_of_tensors(settings);
  if (!std::exchange(refused_tensors_, refusal.has_value()) && refusal)
    post_warning(element_, *refusal);
}

void Notices::note_not_finite() {
  ++counters_.not_finite;
  if (std::exchange(warned_not_finite_, true))
    return;
  GST_ELEMENT_WARNING(element_, STREAM, FAILED,
                      ("expected finite logits, got NaN or Inf; such frames "
                       "get no label"),
                      (nullptr));
}

}  // namespace torchclassify
