// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/simple_cnn.h"

#include <torch/torch.h>

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kFeatures = 16;

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
SimpleCnnImpl::SimpleCnnImpl(const SimpleCnnOptions& options) {
  conv1_ = register_module(
      "conv1",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(options.channels, kFeatures, 3).padding(1)));
  fc_ = register_module(
      "fc", torch::nn::Linear(kFeatures * (options.input_height / 2) *
                                  (options.input_width / 2),
                              options.classes));
}

torch::Tensor SimpleCnnImpl::forward(torch::Tensor x) {
  x = conv1_(x).relu_();                   // [N, 16, height, width]
  x = torch::max_pool2d(x, 2);             // [N, 16, height / 2, width / 2]
  return fc_(x.flatten(/*start_dim=*/1));  // [N, classes]
}

}  // namespace torchclassify::nn
