// SPDX-License-Identifier: LGPL-2.1-or-later
// What the families are put together from, as torchvision.ops shares it.
#pragma once

#include <cstdint>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/batch_norm.h"

namespace torchclassify::nn {

struct ConvShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  bool bias = false;
};

// Padded so that stride 1 keeps height and width.
torch::nn::Conv2d convolution(const ConvShape& shape);

enum class Nonlinearity {
  kNone,
  kRelu,
  kRelu6,
  kSilu,
  kHardswish,
  kSigmoid,
  kHardsigmoid,
  kGelu,
};

// In place where it can be; x must not be needed afterwards.
torch::Tensor activate(Nonlinearity nonlinearity, torch::Tensor x);

// activate() as a part of a Sequential.
class ActivationImpl : public torch::nn::Module {
 public:
  explicit ActivationImpl(Nonlinearity nonlinearity)
      : nonlinearity_(nonlinearity) {}
  torch::Tensor forward(torch::Tensor x) { return activate(nonlinearity_, x); }

 private:
  const Nonlinearity nonlinearity_;
};
TORCH_MODULE(Activation);

struct BatchNormShape {
  double eps = 1e-5;
  double momentum = 0.1;
};

BatchNorm2d batch_norm(std::int64_t channels, const BatchNormShape& shape);

// A Sequential that a Sequential can hold: its forward() is no template.
class NestedSequentialImpl : public torch::nn::SequentialImpl {
 public:
  torch::Tensor forward(torch::Tensor x) {
    return torch::nn::SequentialImpl::forward(x);
  }
};
TORCH_MODULE(NestedSequential);

// A classifier's layers but for the last one, and that one.
torch::Tensor all_but_last(torch::nn::Sequential& layers, torch::Tensor x);
torch::Tensor last_of(torch::nn::Sequential& layers, torch::Tensor x);

// torchvision's Conv2dNormActivation: convolution "0", batch norm "1" and the
// nonlinearity "2".
class ConvNormActivationImpl : public NestedSequentialImpl {
 public:
  ConvNormActivationImpl(const ConvShape& shape, Nonlinearity nonlinearity,
                         const BatchNormShape& norm = {});
};
TORCH_MODULE(ConvNormActivation);

struct SqueezeExcitationShape {
  std::int64_t channels = 0;
  std::int64_t squeezed = 0;  // channels between the two convolutions
  Nonlinearity inner = Nonlinearity::kRelu;
  Nonlinearity scale = Nonlinearity::kSigmoid;
};

// Scales each channel by what the means of all of them say: "fc1", "fc2".
class SqueezeExcitationImpl : public torch::nn::Module {
 public:
  explicit SqueezeExcitationImpl(const SqueezeExcitationShape& shape);
  torch::Tensor forward(torch::Tensor x);  // [N, channels, h, w] to the same

 private:
  const SqueezeExcitationShape shape_;
  torch::nn::Conv2d fc1_;
  torch::nn::Conv2d fc2_;
};
TORCH_MODULE(SqueezeExcitation);

// Drops a residual branch of whole pictures while training (torchvision's
// StochasticDepth, mode "row"): x is [N, ...]; the others grow by
// 1 / (1 - probability).
class StochasticDepthImpl : public torch::nn::Module {
 public:
  explicit StochasticDepthImpl(double probability)
      : probability_(probability) {}
  torch::Tensor forward(torch::Tensor x);
  void set_probability(double probability) { probability_ = probability; }

 private:
  double probability_;  // in [0, 1]
};
TORCH_MODULE(StochasticDepth);

// Layer norm over the channels of [N, channels, h, w]: "weight" and "bias".
class LayerNorm2dImpl : public torch::nn::Module {
 public:
  LayerNorm2dImpl(std::int64_t channels, double eps);
  torch::Tensor forward(torch::Tensor x);

 private:
  const double eps_;
  torch::Tensor weight_;
  torch::Tensor bias_;
};
TORCH_MODULE(LayerNorm2d);

// torchvision's _make_divisible(): the multiple of divisor nearest to value,
// but not below nine tenths of it.
std::int64_t make_divisible(double value, std::int64_t divisor);

}  // namespace torchclassify::nn
