// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/gradient_buckets.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/torch.h>

namespace torchclassify {
namespace {

// As PyTorch's: large ones make good use of the network; the first is small, so
// that the network has something to do early.
constexpr std::size_t kFirstBytes = std::size_t{1} << 20;
constexpr std::size_t kBytes = std::size_t{25} << 20;

class Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit Hook(std::function<void()> call) : call_(std::move(call)) {}
  void operator()(const torch::autograd::Variable&) override { call_(); }

 private:
  std::function<void()> call_;
};

bool fit_together(const torch::Tensor& a, const torch::Tensor& b) {
  return a.dtype() == b.dtype() && a.device() == b.device();
}

}  // namespace

GradientBuckets::GradientBuckets(std::vector<torch::Tensor> parameters,
                                 Start start)
    : parameters_(std::move(parameters)), start_(std::move(start)) {
  const torch::NoGradGuard no_grad;
  fill_buckets();
  for (Bucket& bucket : buckets_) lay_out(bucket);
  set_hooks();
}

GradientBuckets::~GradientBuckets() {
  for (const torch::Tensor& parameter : parameters_)
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
}

bool GradientBuckets::are_of(
    const std::vector<torch::Tensor>& parameters) const {
  return std::equal(parameters.begin(), parameters.end(), parameters_.begin(),
                    parameters_.end(),
                    [](const auto& a, const auto& b) { return a.is_same(b); });
}

// The last parameters have their gradients first.
void GradientBuckets::fill_buckets() {
  std::size_t room = 0;
  for (auto at = parameters_.rbegin(); at != parameters_.rend(); ++at) {
    const std::size_t bytes = at->nbytes();
    if (buckets_.empty() || room < bytes ||
        !fit_together(buckets_.back().parameters.back(), *at)) {
      room = std::max(bytes, buckets_.empty() ? kFirstBytes : kBytes);
      buckets_.emplace_back();
    }
    buckets_.back().parameters.push_back(*at);
    room -= bytes;
  }
}

void GradientBuckets::lay_out(Bucket& bucket) const {
  const auto count = static_cast<std::int64_t>(bucket.parameters.size());
  std::int64_t elements = 0;
  for (const torch::Tensor& parameter : bucket.parameters)
    elements += parameter.numel();
  bucket.sums =
      torch::zeros({elements + count}, bucket.parameters.front().options());
  bucket.owners = bucket.sums.narrow(/*dim=*/0, elements, count);
  std::int64_t begin = 0;
  for (const torch::Tensor& parameter : bucket.parameters) {
    // Strides as the parameter's, which are the gradient's: copies are quick.
    bucket.parts.push_back(
        parameter.is_non_overlapping_and_dense()
            ? bucket.sums.as_strided(parameter.sizes(), parameter.strides(),
                                     begin)
            : bucket.sums.narrow(/*dim=*/0, begin, parameter.numel())
                  .view(parameter.sizes()));
    begin += parameter.numel();
  }
}

void GradientBuckets::set_hooks() {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    for (const torch::Tensor& parameter : buckets_[i].parameters)
      torch::autograd::impl::set_post_acc_grad_hooks(
          parameter, std::make_unique<Hook>([this, i] { arrived(i); }));
  }
}

void GradientBuckets::begin() {
  const std::lock_guard lock(mutex_);
  for (Bucket& bucket : buckets_) bucket.missing = bucket.parameters.size();
  next_ = 0;
  active_ = true;
}

void GradientBuckets::arrived(std::size_t bucket) {
  const std::lock_guard lock(mutex_);
  if (!active_)
    return;
  --buckets_[bucket].missing;
  while (next_ < buckets_.size() && buckets_[next_].missing == 0) start_next();
}

void GradientBuckets::start_next() {
  const torch::NoGradGuard no_grad;
  Bucket& bucket = buckets_[next_++];
  for (std::size_t i = 0; i < bucket.parts.size(); ++i) {
    const torch::Tensor& gradient = bucket.parameters[i].grad();
    bucket.owners[static_cast<std::int64_t>(i)] = gradient.defined() ? 1 : 0;
    if (gradient.defined())
      bucket.parts[i].copy_(gradient);
    else
      bucket.parts[i].zero_();
  }
  bucket.work = start_(bucket.sums);
}

void GradientBuckets::finish(const Wait& wait) {
  const std::lock_guard lock(mutex_);
  active_ = false;
  while (next_ < buckets_.size()) start_next();
  for (Bucket& bucket : buckets_) {
    wait(*bucket.work);
    bucket.work.reset();
    copy_back(bucket);
  }
}

void GradientBuckets::copy_back(const Bucket& bucket) const {
  const torch::NoGradGuard no_grad;
  const torch::Tensor owners = bucket.owners.to(torch::kCPU, torch::kFloat32);
  for (std::size_t i = 0; i < bucket.parts.size(); ++i) {
    if (owners.data_ptr<float>()[i] == 0)
      continue;
    torch::Tensor& gradient =
        const_cast<torch::Tensor&>(bucket.parameters[i]).mutable_grad();
    if (gradient.defined())
      gradient.copy_(bucket.parts[i]);
    else
      gradient = bucket.parts[i].clone();
  }
}

}  // namespace torchclassify
