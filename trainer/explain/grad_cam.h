// SPDX-License-Identifier: LGPL-2.1-or-later
// Grad-CAM: a class's logit, and where the last features speak for it.
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

struct GradCam {
  torch::Tensor logits;    // [classes], detached
  std::int64_t label = 0;  // whose map it is
  // [h, w], the places of the features, detached: the sum of the features, each
  // weighted by the mean of the logit's gradient, where it is above 0.
  torch::Tensor map;
};

// input: [1, channels, height, width] as for the model, which is in evaluation
// mode; may be overwritten. label: of the model, or -1: the largest logit's.
GradCam grad_cam(nn::ImageClassifierImpl& model, const torch::Tensor& input,
                 std::int64_t label);

}  // namespace torchclassify
