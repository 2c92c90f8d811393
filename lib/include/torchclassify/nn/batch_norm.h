// SPDX-License-Identifier: LGPL-2.1-or-later
// Batch norm, of one batch or of those that several processes have at a time.
#pragma once

#include <functional>
#include <span>

#include <torch/nn/modules/batchnorm.h>

namespace torchclassify::nn {

// Each value becomes its sum over all processes. They all make the same calls
// in the same order.
using SumOfAll = std::function<void(std::span<double> values)>;

// torch::nn::BatchNorm2d: its options, parameters, buffers and results.
class BatchNorm2dImpl
    : public torch::nn::BatchNormImplBase<2, BatchNorm2dImpl> {
 public:
  using BatchNormImplBase::BatchNormImplBase;

  // [N, channels, h, w] to the same.
  torch::Tensor forward(const torch::Tensor& x);

  // In training mode, mean and variance are those of all processes' batches
  // from now on (torch.nn.SyncBatchNorm); a process may have none: N is 0. sum
  // is called once by forward(), and once by backward(), in its thread, where x
  // needs a gradient. The gradients of weight and bias are this process's own:
  // they wait to be summed as others do. An empty sum ends this.
  void share_statistics(SumOfAll sum);

 protected:
  void _check_input_dim(const torch::Tensor& x) override;

 private:
  double next_momentum();

  SumOfAll sum_;
};
TORCH_MODULE(BatchNorm2d);

// share_statistics() of every batch norm in the module.
void share_statistics(torch::nn::Module& module, const SumOfAll& sum);

}  // namespace torchclassify::nn
