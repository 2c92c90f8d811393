// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/blocks.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

namespace torchclassify::nn {

torch::nn::Conv2d convolution(const ConvShape& shape) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
          .stride(shape.stride)
          .padding((shape.kernel - 1) / 2)
          .groups(shape.groups)
          .bias(shape.bias));
}

torch::Tensor activate(Nonlinearity nonlinearity, torch::Tensor x) {
  switch (nonlinearity) {
    case Nonlinearity::kNone:
      return x;
    case Nonlinearity::kRelu:
      return x.relu_();
    case Nonlinearity::kRelu6:
      return torch::relu6_(x);
    case Nonlinearity::kSilu:
      return torch::silu_(x);
    case Nonlinearity::kHardswish:
      return torch::hardswish_(x);
    case Nonlinearity::kSigmoid:
      return x.sigmoid_();
    case Nonlinearity::kHardsigmoid:
      return torch::hardsigmoid_(x);
    case Nonlinearity::kGelu:
      return torch::gelu(x);
  }
  TORCH_CHECK(false, "a nonlinearity that is none");
}

BatchNorm2d batch_norm(std::int64_t channels, const BatchNormShape& shape) {
  return BatchNorm2d(
      torch::nn::BatchNorm2dOptions(channels).eps(shape.eps).momentum(
          shape.momentum));
}

torch::Tensor all_but_last(torch::nn::Sequential& layers, torch::Tensor x) {
  for (auto layer = layers->begin(); layer != layers->end() - 1; ++layer)
    x = layer->forward(std::move(x));
  return x;
}

torch::Tensor last_of(torch::nn::Sequential& layers, torch::Tensor x) {
  return (layers->end() - 1)->forward(std::move(x));
}

ConvNormActivationImpl::ConvNormActivationImpl(const ConvShape& shape,
                                               Nonlinearity nonlinearity,
                                               const BatchNormShape& norm) {
  push_back(convolution(shape));
  push_back(batch_norm(shape.out, norm));
  if (nonlinearity != Nonlinearity::kNone)
    push_back(Activation(nonlinearity));
}

SqueezeExcitationImpl::SqueezeExcitationImpl(
    const SqueezeExcitationShape& shape)
    : shape_(shape),
      fc1_(convolution({.in = shape.channels,
                        .out = shape.squeezed,
                        .kernel = 1,
                        .bias = true})),
      fc2_(convolution({.in = shape.squeezed,
                        .out = shape.channels,
                        .kernel = 1,
                        .bias = true})) {
  register_module("fc1", fc1_);
  register_module("fc2", fc2_);
}

torch::Tensor SqueezeExcitationImpl::forward(torch::Tensor x) {
  auto scale = torch::adaptive_avg_pool2d(x, {1, 1});  // [N, channels, 1, 1]
  scale = activate(shape_.inner, fc1_(scale));         // [N, squeezed, 1, 1]
  scale = activate(shape_.scale, fc2_(scale));         // [N, channels, 1, 1]
  return x * scale;
}

torch::Tensor StochasticDepthImpl::forward(torch::Tensor x) {
  if (!is_training() || probability_ == 0)
    return x;
  const double survival = 1 - probability_;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  auto noise = torch::empty(shape, x.options()).bernoulli_(survival);
  if (survival > 0)
    noise.div_(survival);
  return x * noise;
}

LayerNorm2dImpl::LayerNorm2dImpl(std::int64_t channels, double eps)
    : eps_(eps),
      weight_(register_parameter("weight", torch::ones(channels))),
      bias_(register_parameter("bias", torch::zeros(channels))) {}

torch::Tensor LayerNorm2dImpl::forward(torch::Tensor x) {
  x = x.permute({0, 2, 3, 1});  // [N, h, w, channels]
  x = torch::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
  return x.permute({0, 3, 1, 2});
}

std::int64_t make_divisible(double value, std::int64_t divisor) {
  const auto near =
      static_cast<std::int64_t>(value + static_cast<double>(divisor) / 2) /
      divisor * divisor;
  const std::int64_t least = std::max(divisor, near);
  return static_cast<double>(least) < 0.9 * value ? least + divisor : least;
}

}  // namespace torchclassify::nn
