// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/image_classifier.h"

#include <utility>

#include <torch/torch.h>

namespace torchclassify::nn {

torch::Tensor ImageClassifierImpl::forward(torch::Tensor x) {
  return forward_head(forward_features(std::move(x)));
}

TrainingLogits ImageClassifierImpl::forward_training(torch::Tensor x) {
  return {.logits = forward(std::move(x)), .auxiliary = {}};
}

torch::Tensor ImageClassifierImpl::forward_head(torch::Tensor features,
                                                bool pre_logits) {
  auto x = forward_pool(std::move(features));
  return pre_logits ? x : forward_last(std::move(x));
}

void ImageClassifierImpl::start_from_pictures(
    const torch::Tensor& /*pictures*/) {}

torch::Tensor ImageClassifierImpl::forward_pool(torch::Tensor features) {
  return torch::adaptive_avg_pool2d(features, {1, 1}).flatten(/*start_dim=*/1);
}

}  // namespace torchclassify::nn
