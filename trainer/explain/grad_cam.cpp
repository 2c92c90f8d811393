// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain/grad_cam.h"

#include <cmath>

#include <torch/torch.h>

namespace torchclassify {
namespace {

// [1, tokens, C], a class token and then the patches of a square row by row, to
// [1, C, h, w]. What has places already stays as it is.
torch::Tensor with_places(const torch::Tensor& features) {
  if (features.dim() == 4)
    return features;
  const std::int64_t patches = features.size(1) - 1;
  const auto side = static_cast<std::int64_t>(
      std::lround(std::sqrt(static_cast<double>(patches))));
  return features.slice(/*dim=*/1, /*start=*/1)
      .transpose(1, 2)
      .reshape({1, features.size(2), side, side});
}

torch::Tensor features_of(nn::ImageClassifierImpl& model,
                          const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  return model.forward_features(input);
}

}  // namespace

GradCam grad_cam(nn::ImageClassifierImpl& model, const torch::Tensor& input,
                 std::int64_t label) {
  // Only the head is differentiated: what is before it needs no memory for it.
  const auto features = features_of(model, input).detach();
  features.requires_grad_();
  const torch::AutoGradMode differentiate(true);
  const auto logits = model.forward_head(features)[0];  // [classes]
  if (label < 0)
    label = logits.argmax().item<std::int64_t>();
  const auto gradient =
      torch::autograd::grad({logits[label]}, {features}, /*grad_outputs=*/{},
                            /*retain_graph=*/false, /*create_graph=*/false,
                            /*allow_unused=*/false)[0];

  const torch::NoGradGuard no_grad;
  const auto weights =
      with_places(gradient).mean({2, 3}, /*keepdim=*/true);  // [1, C, 1, 1]
  return {.logits = logits.detach(),
          .label = label,
          .map = (weights * with_places(features)).sum(1)[0].relu()};
}

}  // namespace torchclassify
