// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights and pictures by formula, as tests/data/models/record_golden.py's.
#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

#include "torchclassify/nn/image_classifier.h"

namespace support {

std::uint64_t fnv1a(const std::string& text);

// float64 [count]: the numbers that belong to the name, in [-1, 1).
torch::Tensor numbers_by_formula(const std::string& name, std::int64_t count);

// Overwrites every parameter, and the batch norms' buffers.
void fill_by_formula(torch::nn::Module& module);

// float32 [count, 3, size, size]
torch::Tensor pictures_by_formula(std::int64_t count, std::int64_t size);

// Turns dropout and stochastic depth off, also for training.
void leave_nothing_to_chance(torch::nn::Module& module);

// Sets the batch norms' running statistics to those of the pictures.
void take_statistics(torchclassify::nn::ImageClassifierImpl& model,
                     const torch::Tensor& pictures);

}  // namespace support
