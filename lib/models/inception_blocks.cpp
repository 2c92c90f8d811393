// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/inception_blocks.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

torch::nn::Conv2d rectangular_convolution(const BasicConvShape& shape) {
  torch::nn::Conv2dOptions options(shape.in, shape.out,
                                   {shape.height, shape.width});
  if (shape.padded)
    options.padding({(shape.height - 1) / 2, (shape.width - 1) / 2});
  return torch::nn::Conv2d(options.stride(shape.stride).bias(false));
}

}  // namespace

BasicConv2dImpl::BasicConv2dImpl(const BasicConvShape& shape)
    : conv_(register_module("conv", rectangular_convolution(shape))),
      bn_(register_module("bn", batch_norm(shape.out, {.eps = 1e-3}))) {}

torch::Tensor BasicConv2dImpl::forward(torch::Tensor x) {
  return bn_(conv_(x)).relu_();
}

void check_transform_input(std::int64_t channels,
                           const std::string& architecture) {
  if (channels != 3)
    throw Error(ErrorCode::kInvalidArgument,
                architecture +
                    ": expected 3 channels with transform_input, got " +
                    std::to_string(channels));
}

torch::Tensor transform_input(const torch::Tensor& x) {
  constexpr double kMean[] = {0.485, 0.456, 0.406};
  constexpr double kStd[] = {0.229, 0.224, 0.225};
  const auto channel = [&](int i) {
    return x.narrow(/*dim=*/1, i, /*length=*/1) * (kStd[i] / 0.5) +
           (kMean[i] - 0.5) / 0.5;
  };
  return torch::cat({channel(0), channel(1), channel(2)}, /*dim=*/1);
}

void initialize_truncated(torch::nn::Module& module,
                          double (*std_of)(const std::string& layer)) {
  const auto layers =
      module.named_modules(/*name_prefix=*/"", /*include_self=*/false);
  for (const auto& layer : layers) {
    const TruncatedNormal shape{.std = std_of(layer.key())};
    if (const auto* conv = layer.value()->as<torch::nn::Conv2d>())
      truncated_normal_(conv->weight, shape);
    if (const auto* linear = layer.value()->as<torch::nn::Linear>())
      truncated_normal_(linear->weight, shape);
  }
}

bool extra_option(const ModelOptions& options, const std::string& name,
                  bool otherwise) {
  const auto found = options.extra.find(name);
  return found == options.extra.end() ? otherwise : found->second != 0;
}

}  // namespace torchclassify::nn
