// SPDX-License-Identifier: LGPL-2.1-or-later
// What the families are put together from.
#pragma once

#include <cstdint>

#include <torch/nn/init.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

namespace torchclassify::nn {

struct ConvShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

// Without bias, padded so that stride 1 keeps height and width.
torch::nn::Conv2d convolution(const ConvShape& shape);

enum class Nonlinearity { kNone, kRelu6 };

// Convolution "0", batch norm "1" and the nonlinearity.
class ConvNormActivationImpl : public torch::nn::SequentialImpl {
 public:
  ConvNormActivationImpl(const ConvShape& shape, Nonlinearity nonlinearity);
  // Not a template, so that a Sequential can hold one of these.
  torch::Tensor forward(torch::Tensor x) {
    return torch::nn::SequentialImpl::forward(x);
  }
};
TORCH_MODULE(ConvNormActivation);

// He's initialisation of every convolution in the module.
void initialize_convolutions(torch::nn::Module& module,
                             torch::nn::init::FanModeType mode);

}  // namespace torchclassify::nn
