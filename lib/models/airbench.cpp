// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/airbench.h"

#include <cmath>
#include <string>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kPatch = 2;  // pixels, square
constexpr double kLogitScale = 1.0 / 9;
constexpr double kWhiteningEps = 5e-4;  // added to variances
constexpr BatchNormShape kNorm{.eps = 1e-5, .momentum = 0.4};

// As many outputs as there are inputs hand these on at first.
void start_as_identity(torch::nn::Conv2d& conv) {
  const torch::NoGradGuard no_grad;
  torch::nn::init::dirac_(conv->weight.slice(0, 0, conv->weight.size(1)));
  if (conv->bias.defined())
    torch::nn::init::zeros_(conv->bias);
}

torch::nn::Conv2d whitening(std::int64_t channels) {
  const std::int64_t numbers = channels * kPatch * kPatch;  // of a patch
  torch::nn::Conv2d conv(
      torch::nn::Conv2dOptions(channels, 2 * numbers, kPatch));
  start_as_identity(conv);
  conv->weight.set_requires_grad(false);
  return conv;
}

torch::nn::Conv2d identity_convolution(std::int64_t in, std::int64_t out) {
  torch::nn::Conv2d conv = convolution({.in = in, .out = out});
  start_as_identity(conv);
  return conv;
}

BatchNorm2d norm_without_scale(std::int64_t channels) {
  BatchNorm2d norm = batch_norm(channels, kNorm);
  norm->weight.set_requires_grad(false);
  return norm;
}

// [N, in, h, w] to [N, out, h / 2, w / 2]
torch::nn::Sequential make_group(std::int64_t in, std::int64_t out) {
  torch::nn::Sequential group;
  group->push_back("conv1", identity_convolution(in, out));
  group->push_back("pool", torch::nn::MaxPool2d(kPatch));
  group->push_back("norm1", norm_without_scale(out));
  group->push_back("activation1", Activation(Nonlinearity::kGelu));
  group->push_back("conv2", identity_convolution(out, out));
  group->push_back("norm2", norm_without_scale(out));
  group->push_back("activation2", Activation(Nonlinearity::kGelu));
  return group;
}

void check_pictures(const torch::Tensor& pictures, std::int64_t channels) {
  const bool fit = pictures.dim() == 4 && pictures.size(0) > 0 &&
                   pictures.size(1) == channels && pictures.size(2) >= kPatch &&
                   pictures.size(3) >= kPatch && pictures.is_floating_point();
  if (!fit)
    throw Error(ErrorCode::kInvalidArgument,
                "expected float pictures [N, " + std::to_string(channels) +
                    ", h, w] of at least " + size_text(kPatch, kPatch) +
                    " pixels, got " + torch::toString(pictures.scalar_type()) +
                    " " + c10::str(pictures.sizes()));
}

// float64 [numbers, numbers], on the CPU: the mean products of two numbers of a
// patch. pictures: [N, channels, h, w].
torch::Tensor patch_products(const torch::Tensor& pictures) {
  constexpr std::int64_t kAtOnce = 256;  // pictures: bounds the memory
  torch::Tensor sum;
  std::int64_t patches = 0;
  for (const auto& some : pictures.split(kAtOnce)) {
    const auto numbers =
        torch::im2col(some.to(torch::kFloat64), {kPatch, kPatch},
                      /*dilation=*/{1, 1}, /*padding=*/{0, 0},
                      /*stride=*/{1, 1})
            .transpose(0, 1)
            .flatten(/*start_dim=*/1);  // [numbers, patches]
    const auto products = numbers.mm(numbers.t());
    sum = sum.defined() ? sum + products : products;
    patches += numbers.size(1);
  }
  return (sum / patches).to(torch::kCPU);
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
AirbenchImpl::AirbenchImpl(const AirbenchOptions& options) {
  whiten_ = register_module("whiten", whitening(options.channels));
  std::int64_t in = whiten_->options.out_channels();
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i] = register_module("group" + std::to_string(i + 1),
                                 make_group(in, options.widths[i]));
    in = options.widths[i];
  }
  head_ = register_module(
      "head", torch::nn::Linear(
                  torch::nn::LinearOptions(in, options.classes).bias(false)));
}

torch::Tensor AirbenchImpl::forward_features(torch::Tensor x) {
  x = torch::gelu(whiten_(x));  // [N, 8 channels, h - 1, w - 1]
  for (auto& group : groups_) x = group->forward(x);
  return x;  // [N, widths[2], about h / 8, about w / 8]
}

torch::Tensor AirbenchImpl::forward_pool(torch::Tensor features) {
  return torch::max_pool2d(features, features.sizes().slice(2))
      .flatten(/*start_dim=*/1);  // [N, widths[2]]
}

torch::Tensor AirbenchImpl::forward_last(torch::Tensor pre_logits) {
  return head_(pre_logits) * kLogitScale;  // [N, classes]
}

void AirbenchImpl::start_from_pictures(const torch::Tensor& pictures) {
  const torch::NoGradGuard no_grad;
  check_pictures(pictures, whiten_->options.in_channels());
  const auto products = patch_products(pictures);
  if (!std::isfinite(products.sum().item<double>()))
    throw Error(ErrorCode::kInvalidArgument,
                "expected finite pictures, got NaN or infinity in them");
  const auto [variances, directions] = torch::linalg_eigh(products);
  const auto weights =
      (directions / (variances + kWhiteningEps).sqrt()).t().flip(0);
  whiten_->weight.copy_(
      torch::cat({weights, -weights}).view_as(whiten_->weight));
}

namespace {

constexpr AirbenchOptions kUsual;
constexpr AirbenchOptions kHalf{.widths = {32, 128, 128}};

template <const AirbenchOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .classes = 10,
                    .input_size = 32,
                    .min_input_size = 9,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "head",
          .stem = "whiten",
          .create = create<AirbenchImpl, kShape>};
}

}  // namespace

std::vector<ZooEntry> airbench_zoo() {
  return {entry<kUsual>("airbench94", 1972792, 118147360),
          entry<kHalf>("airbench94_x0_5", 498104, 33066272)};
}

}  // namespace torchclassify::nn
