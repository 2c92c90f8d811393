// SPDX-License-Identifier: LGPL-2.1-or-later
// The random numbers that a new module starts with, or none of them.
#pragma once

#include <torch/nn/init.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

namespace torchclassify::nn {

// While one of these lives, this thread's random fills (uniform_(), normal_()
// and what torch::nn::init makes of them) leave tensors as they are. Weights
// that are about to be loaded then cost neither time nor touched memory.
class WithoutInitialValues {
 public:
  WithoutInitialValues();
  ~WithoutInitialValues();
  WithoutInitialValues(const WithoutInitialValues&) = delete;
  WithoutInitialValues& operator=(const WithoutInitialValues&) = delete;

 private:
  const bool nested_;
};

struct TruncatedNormal {
  double std = 1;
  double least = -2;  // values stay in [least, most]
  double most = 2;
};

// Python's torch.nn.init.trunc_normal_() with mean 0, which LibTorch lacks.
void truncated_normal_(torch::Tensor tensor, const TruncatedNormal& shape);

// Small normal numbers, and biases of 0: what torchvision gives the linear
// layers of VGG and the MobileNets.
void initialize_normal(torch::nn::LinearImpl& linear);

// He's normal initialisation of every convolution in the module; their biases
// become 0.
void initialize_convolutions(torch::nn::Module& module,
                             torch::nn::init::FanModeType mode);

}  // namespace torchclassify::nn
