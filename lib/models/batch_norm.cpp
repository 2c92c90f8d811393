// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/batch_norm.h"

#include <cstdint>
#include <tuple>
#include <utility>

#include <ATen/OpMathType.h>
#include <torch/torch.h>

// GCC 14 takes a vector<bool> that is reserved in LibTorch's
// custom_function.h to be read and written beyond its end.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

namespace torchclassify::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Statistics {
  double count = 0;        // values of a channel, in all batches
  torch::Tensor mean;      // float32 (float64 if x is) [channels]
  torch::Tensor variance;  // likewise, biased
};

void add_up(const torch::Tensor& numbers, const SumOfAll& sum) {
  sum({numbers.mutable_data_ptr<double>(),
       static_cast<std::size_t>(numbers.numel())});
}

// For [N, channels, h, w].
torch::Tensor per_channel(const torch::Tensor& values) {
  return values.view({1, -1, 1, 1});
}

// Sums of values and of their squares: one sum over all processes gives both
// mean and variance. float64 keeps what the difference of large ones takes.
Statistics statistics_of_all(const torch::Tensor& x, const SumOfAll& sum) {
  const std::int64_t channels = x.size(1);
  const auto count = static_cast<double>(x.numel() / channels);
  const auto precision = at::toOpMathType(x.scalar_type());
  const auto sums = torch::zeros(2 * channels + 1, torch::kFloat64);
  const auto parts = sums.split_with_sizes({channels, channels, 1});
  if (count > 0) {
    auto [mean, variance] =
        torch::batch_norm_update_stats(x.to(precision), /*running_mean=*/{},
                                       /*running_var=*/{}, /*momentum=*/0);
    mean = mean.to(torch::kCPU, torch::kFloat64);
    variance = variance.to(torch::kCPU, torch::kFloat64);
    parts[0].copy_(mean * count);
    parts[1].copy_((variance + mean.square()) * count);
    parts[2].fill_(count);
  }
  add_up(sums, sum);
  const double all = parts[2].item<double>();
  const auto mean = parts[0] / all;
  const auto variance = (parts[1] / all - mean.square()).clamp_min_(0);
  return {all, mean.to(x.device(), precision),
          variance.to(x.device(), precision)};
}

// Normalises with statistics that are themselves functions of every process's
// x, which backward() considers.
class SharedBatchNorm : public torch::autograd::Function<SharedBatchNorm> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const torch::Tensor& bias, const Statistics& all,
                               double eps, const SumOfAll& sum) {
    context->save_for_backward({x, weight, all.mean, all.variance});
    context->saved_data["count"] = all.count;
    context->saved_data["eps"] = eps;
    context->saved_data["sum"] =
        torch::IValue::make_capsule(c10::make_intrusive<Kept>(sum));
    return torch::batch_norm(x, weight, bias, all.mean, all.variance,
                             /*training=*/false, /*momentum=*/0, eps,
                             /*cudnn_enabled=*/false);
  }

  // With y = weight * n + bias, where n is x normalised:
  // dx = weight / deviation * (dy - mean(dy) - n * mean(dy * n)),
  // the means over all processes.
  static variable_list backward(AutogradContext* context,
                                const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor &dy = gradients[0], &x = saved[0], &weight = saved[1];
    const double eps = context->saved_data["eps"].toDouble();
    auto sum_dy_n = torch::zeros_like(saved[2]);  // [channels]
    auto sum_dy = torch::zeros_like(saved[2]);
    if (x.numel() > 0)
      std::tie(std::ignore, sum_dy_n, sum_dy) =
          torch::native_batch_norm_backward(
              dy, x, weight, /*running_mean=*/saved[2],
              /*running_var=*/saved[3], /*save_mean=*/{}, /*save_invstd=*/{},
              /*train=*/false, eps, /*output_mask=*/{false, true, true});
    torch::Tensor dx;
    if (context->needs_input_grad(0)) {
      const auto means = means_of_all(*context, sum_dy_n, sum_dy);
      const auto n_per_x = (saved[3] + eps).rsqrt();
      const auto scale = weight.defined() ? n_per_x * weight : n_per_x;
      dx = (x - per_channel(saved[2]))
               .mul_(per_channel(-n_per_x * means[0]))
               .sub_(per_channel(means[1]))
               .add_(dy)
               .mul_(per_channel(scale))
               .to(x.scalar_type());
    }
    return {dx, sum_dy_n, sum_dy, {}, {}, {}};
  }

 private:
  struct Kept : torch::CustomClassHolder {
    explicit Kept(SumOfAll function) : sum(std::move(function)) {}
    const SumOfAll sum;
  };

  // [2, channels]
  static torch::Tensor means_of_all(AutogradContext& context,
                                    const torch::Tensor& sum_dy_n,
                                    const torch::Tensor& sum_dy) {
    const auto sums =
        torch::stack({sum_dy_n, sum_dy}).to(torch::kCPU, torch::kFloat64);
    const auto kept = context.saved_data["sum"].toCapsule();
    add_up(sums, static_cast<const Kept&>(*kept).sum);
    return (sums / context.saved_data["count"].toDouble())
        .to(sum_dy.device(), sum_dy.scalar_type());
  }
};

}  // namespace

torch::Tensor BatchNorm2dImpl::forward(const torch::Tensor& x) {
  if (!sum_ || !is_training())
    return BatchNormImplBase::forward(x);
  _check_input_dim(x);
  const double momentum = next_momentum();
  Statistics all;
  {
    const torch::NoGradGuard no_grad;
    all = statistics_of_all(x, sum_);
    TORCH_CHECK(all.count != 1,
                "expected more than 1 value per channel when training, got "
                "input size ",
                x.sizes());
    // Nobody may have any, then nothing is learnt.
    if (running_mean.defined() && all.count > 1) {
      running_mean.lerp_(all.mean, momentum);
      running_var.lerp_(all.variance * (all.count / (all.count - 1)), momentum);
    }
  }
  return SharedBatchNorm::apply(x, weight, bias, all, options.eps(), sum_);
}

void BatchNorm2dImpl::share_statistics(SumOfAll sum) { sum_ = std::move(sum); }

void BatchNorm2dImpl::_check_input_dim(const torch::Tensor& x) {
  TORCH_CHECK(x.dim() == 4, "expected 4D input, got ", x.dim(), "D");
}

// Without a momentum the running statistics are the means of all batches'.
double BatchNorm2dImpl::next_momentum() {
  if (num_batches_tracked.defined())
    num_batches_tracked += 1;
  if (const auto momentum = options.momentum())
    return *momentum;
  return num_batches_tracked.defined() ? 1 / num_batches_tracked.item<double>()
                                       : 0;
}

void share_statistics(torch::nn::Module& module, const SumOfAll& sum) {
  for (const auto& part : module.modules()) {
    if (auto* norm = part->as<BatchNorm2d>())
      norm->share_statistics(sum);
  }
}

}  // namespace torchclassify::nn
