// SPDX-License-Identifier: LGPL-2.1-or-later
// Automatic mixed precision: torch.autocast and its gradient scaler.
#pragma once

#include <vector>

#include <torch/types.h>

#include "torchclassify/train/train.h"

namespace torchclassify {

// While one lives, this thread's operations on the device type run in the
// lower precision where that is safe (LibTorch's lists). kNone: nothing.
class Autocast {
 public:
  Autocast(AmpType type, torch::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  const bool active_;
  const torch::DeviceType device_;
  bool was_enabled_ = false;
  torch::Dtype previous_ = torch::kFloat32;
};

// Keeps float16's small gradients from vanishing: torch.amp.GradScaler with
// its defaults. Does nothing (scale 1) for other types.
class GradScaler {
 public:
  struct State {
    double scale = 65536;
    int good_steps = 0;  // since the scale last changed
  };

  explicit GradScaler(AmpType type) : active_(type == AmpType::kFp16) {}

  double scale() const { return active_ ? state_.scale : 1; }
  // Divides the gradients by the scale. False: one is not finite, so that this
  // step must not be taken.
  bool unscale(const std::vector<torch::Tensor>& gradients);
  void update(bool finite);

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  const bool active_;
  State state_;
};

}  // namespace torchclassify
