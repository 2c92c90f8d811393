// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/amp.h"

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace torchclassify {
namespace {

torch::Dtype dtype_of(AmpType type) {
  return type == AmpType::kFp16 ? torch::kHalf : torch::kBFloat16;
}

}  // namespace

Autocast::Autocast(AmpType type, torch::DeviceType device)
    : active_(type != AmpType::kNone), device_(device) {
  if (!active_)
    return;
  was_enabled_ = at::autocast::is_autocast_enabled(device_);
  previous_ = at::autocast::get_autocast_dtype(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, dtype_of(type));
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_)
    return;
  // The last one out drops the casts of weights that were kept.
  if (at::autocast::decrement_nesting() == 0)
    at::autocast::clear_cache();
  at::autocast::set_autocast_dtype(device_, previous_);
  at::autocast::set_autocast_enabled(device_, was_enabled_);
}

bool GradScaler::unscale(const std::vector<torch::Tensor>& gradients) {
  if (!active_ || gradients.empty())
    return true;
  const torch::NoGradGuard no_grad;
  const auto options =
      torch::TensorOptions(torch::kFloat32).device(gradients[0].device());
  torch::Tensor not_finite = torch::zeros({1}, options);
  at::_amp_foreach_non_finite_check_and_unscale_(
      gradients, not_finite, torch::full({1}, 1 / state_.scale, options));
  return not_finite.item<float>() == 0;
}

void GradScaler::update(bool finite) {
  constexpr double kGrowth = 2, kBackoff = 0.5;
  constexpr int kGrowthInterval = 2000;
  if (!active_)
    return;
  if (!finite) {
    state_.scale *= kBackoff;
    state_.good_steps = 0;
  } else if (++state_.good_steps == kGrowthInterval) {
    state_.scale *= kGrowth;
    state_.good_steps = 0;
  }
}

}  // namespace torchclassify
