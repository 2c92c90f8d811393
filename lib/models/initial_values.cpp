// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/initial_values.h"

#include <cmath>

#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/library.h>
#include <torch/torch.h>

namespace torchclassify::nn {
namespace {

// The key that PyTorch reserves for constructing modules without their values
// (pytorch/torchdistx); nothing else of LibTorch registers for it.
constexpr auto kKey = c10::DispatchKey::DeferredInit;

bool skipping() { return c10::impl::tls_is_dispatch_key_included(kKey); }

at::Tensor& leave_uniform(at::Tensor& self, double /*from*/, double /*to*/,
                          std::optional<at::Generator> /*generator*/) {
  return self;
}

at::Tensor& leave_normal(at::Tensor& self, double /*mean*/, double /*std*/,
                         std::optional<at::Generator> /*generator*/) {
  return self;
}

}  // namespace

TORCH_LIBRARY_IMPL(_, DeferredInit, library) {
  library.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, DeferredInit, library) {
  library.impl("uniform_", leave_uniform);
  library.impl("normal_", leave_normal);
}

WithoutInitialValues::WithoutInitialValues() : nested_(skipping()) {
  c10::impl::tls_set_dispatch_key_included(kKey, true);
}

WithoutInitialValues::~WithoutInitialValues() {
  c10::impl::tls_set_dispatch_key_included(kKey, nested_);
}

void truncated_normal_(torch::Tensor tensor, const TruncatedNormal& shape) {
  if (skipping())
    return;
  const torch::NoGradGuard no_grad;
  const auto cumulative = [&](double x) {
    return (1 + std::erf(x / shape.std / std::sqrt(2.0))) / 2;
  };
  tensor
      .uniform_(2 * cumulative(shape.least) - 1, 2 * cumulative(shape.most) - 1)
      .erfinv_()
      .mul_(shape.std * std::sqrt(2.0))
      .clamp_(shape.least, shape.most);
}

void initialize_normal(torch::nn::LinearImpl& linear) {
  torch::nn::init::normal_(linear.weight, /*mean=*/0, /*std=*/0.01);
  torch::nn::init::zeros_(linear.bias);
}

void initialize_convolutions(torch::nn::Module& module,
                             torch::nn::init::FanModeType mode) {
  for (const auto& part : module.modules(/*include_self=*/false)) {
    const auto* conv = part->as<torch::nn::Conv2d>();
    if (!conv)
      continue;
    torch::nn::init::kaiming_normal_(conv->weight, /*a=*/0, mode, torch::kReLU);
    if (conv->bias.defined())
      torch::nn::init::zeros_(conv->bias);
  }
}

}  // namespace torchclassify::nn
