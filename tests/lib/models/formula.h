// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights and pictures by formula, as tests/data/models/record_golden.py's.
#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

#include "torchclassify/nn/image_classifier.h"

namespace support {

std::uint64_t fnv1a(const std::string& text);

// Overwrites every parameter and buffer.
void fill_by_formula(torch::nn::Module& module);

// float32 [1, 3, size, size]
torch::Tensor picture_by_formula(std::int64_t size);

}  // namespace support
