// SPDX-License-Identifier: LGPL-2.1-or-later
// What computes a model's answers, whatever kind of file it came from.
#pragma once

#include <memory>
#include <string>

#include <torch/types.h>

#include "torchclassify/model_info.h"

namespace torchclassify {

// Several threads may call forward() at a time.
class Network {
 public:
  virtual ~Network() = default;

  // pictures: float32 [N, channels, height, width] on the CPU, as the model's
  // preprocessing makes them, N >= 1. Returns floating-point [N, classes] on
  // any device. Throws Error, and what LibTorch throws.
  virtual torch::Tensor forward(const torch::Tensor& pictures) const = 0;
};

struct OpenedModel {
  ModelInfo info;
  std::unique_ptr<Network> network;
};

struct NetworkOptions {
  std::string model_file;
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;  // of the calculation
  int workers = 1;          // calls of forward() at a time, at most
  bool allow_code = false;  // permits files that execute code
};

// By what the file holds, not by its name. Throws Error, naming the file:
// kUnsupported, before anything of it is loaded, for a file that executes code
// without allow_code.
OpenedModel open_network(const NetworkOptions& options);

}  // namespace torchclassify
