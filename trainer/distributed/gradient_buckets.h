// SPDX-License-Identifier: LGPL-2.1-or-later
// Gradients that are summed over all processes while backward() still makes
// further ones.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <torch/types.h>
#include <torch/csrc/distributed/c10d/Work.hpp>

namespace torchclassify {

// Every process has the same parameters. Sums begin in the order of the
// buckets, which is the same everywhere.
class GradientBuckets {
 public:
  // start: begins to sum a tensor, in place.
  using Start = std::function<c10::intrusive_ptr<c10d::Work>(torch::Tensor&)>;
  using Wait = std::function<void(c10d::Work&)>;

  // parameters: those that learn. They call back until this is destroyed.
  GradientBuckets(std::vector<torch::Tensor> parameters, Start start);
  ~GradientBuckets();
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;

  bool are_of(const std::vector<torch::Tensor>& parameters) const;

  void begin();
  // Gradients are the sums afterwards. One that no process has stays undefined.
  void finish(const Wait& wait);

 private:
  struct Bucket {
    std::vector<torch::Tensor> parameters;
    std::vector<torch::Tensor> parts;  // of sums, shaped as their parameters
    torch::Tensor sums;       // all gradients, then who has one: [parameters]
    torch::Tensor owners;     // the last part of sums
    std::size_t missing = 0;  // gradients, in this pass
    c10::intrusive_ptr<c10d::Work> work;
  };

  void fill_buckets();
  void lay_out(Bucket& bucket) const;
  void set_hooks();
  void arrived(std::size_t bucket);
  void start_next();
  void copy_back(const Bucket& bucket) const;

  const std::vector<torch::Tensor> parameters_;
  const Start start_;
  std::vector<Bucket> buckets_;

  // Backward passes of several devices call back in threads of their own.
  std::mutex mutex_;  // of what follows, and of the buckets' state
  bool active_ = false;
  std::size_t next_ = 0;  // bucket to start
};

}  // namespace torchclassify
