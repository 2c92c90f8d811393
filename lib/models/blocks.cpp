// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/blocks.h"

#include <torch/torch.h>

namespace torchclassify::nn {

torch::nn::Conv2d convolution(const ConvShape& shape) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
          .stride(shape.stride)
          .padding((shape.kernel - 1) / 2)
          .groups(shape.groups)
          .bias(false));
}

ConvNormActivationImpl::ConvNormActivationImpl(const ConvShape& shape,
                                               Nonlinearity nonlinearity) {
  push_back(convolution(shape));
  push_back(torch::nn::BatchNorm2d(shape.out));
  if (nonlinearity == Nonlinearity::kRelu6)
    push_back(torch::nn::ReLU6(torch::nn::ReLU6Options().inplace(true)));
}

void initialize_convolutions(torch::nn::Module& module,
                             torch::nn::init::FanModeType mode) {
  for (const auto& part : module.modules(/*include_self=*/false)) {
    if (const auto* conv = part->as<torch::nn::Conv2d>())
      torch::nn::init::kaiming_normal_(conv->weight, /*a=*/0, mode,
                                       torch::kReLU);
  }
}

}  // namespace torchclassify::nn
