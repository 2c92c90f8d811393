// SPDX-License-Identifier: LGPL-2.1-or-later
// What a frozen backbone makes of each picture, computed once: training the
// last layer alone then takes seconds.
#pragma once

#include <memory>

#include "training/batch_source.h"
#include "training/team.h"
#include "training/trained_model.h"

namespace torchclassify {

// Only the last layer learns, from pictures that are the same in every epoch.
bool can_keep_features(const TrainedModel& model, const TrainOptions& options);

// Batches whose inputs are the model's pre-logits (nn::ImageClassifierImpl),
// computed here, in eval mode; otherwise as a PictureSource with these options.
// dataset outlives it. Throws what reading pictures throws.
std::unique_ptr<BatchSource> make_feature_source(
    const Dataset& dataset, nn::ImageClassifierImpl& model,
    const Preprocessing& preprocessing, const LoaderOptions& options);

}  // namespace torchclassify
