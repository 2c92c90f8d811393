// SPDX-License-Identifier: LGPL-2.1-or-later
// The processes that train one model together; most often, one.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "torchclassify/train/answers.h"

namespace torchclassify {

// Every process makes the same calls in the same order. Throws Error
// kUnreachable when another one is gone.
class Team {
 public:
  virtual ~Team() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  bool leads() const { return rank() == 0; }

  // Each value becomes its sum over all processes.
  virtual void sum(std::span<double> values) = 0;
  // Rank 0's values everywhere.
  virtual void broadcast(const std::vector<torch::Tensor>& tensors) = 0;
  // All processes' answers, in the order of their indices, at rank 0 only.
  virtual Answers gather(Answers answers) = 0;
  // All processes' bytes, in the order of their ranks, at rank 0 only.
  virtual std::vector<std::string> gather(std::string bytes) = 0;

  // Sums the gradients of these parameters over all processes, as far as it
  // can while backward() still runs: begin before it, finish after it.
  virtual void begin_gradients(
      const std::vector<torch::Tensor>& parameters) = 0;
  virtual void finish_gradients() = 0;

  // Whether any process says so.
  bool any(bool value) {
    double count = value ? 1 : 0;
    sum({&count, 1});
    return count > 0;
  }
};

// One process: nothing to say to anybody.
class SoloTeam : public Team {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void sum(std::span<double>) override {}
  void broadcast(const std::vector<torch::Tensor>&) override {}
  Answers gather(Answers answers) override { return answers; }
  std::vector<std::string> gather(std::string bytes) override {
    return {std::move(bytes)};
  }
  void begin_gradients(const std::vector<torch::Tensor>&) override {}
  void finish_gradients() override {}
};

}  // namespace torchclassify
