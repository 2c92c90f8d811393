// SPDX-License-Identifier: LGPL-2.1-or-later
// What a model that is code takes and gives, found by trying.
#pragma once

#include <string>
#include <vector>

#include "engine/code_model.h"

namespace torchclassify {

struct CodeSignature {
  InputForm input;
  BatchLimits batch;
  int classes = 0;
  bool probabilities = false;  // scores are from 0 to 1: no activation is due
};

// Runs the forms with one and two pictures until one gives scores: one tensor
// [N, classes] of finite floats, or of uint8, which stand for 0 to 1. Throws
// Error naming the file: kUnsupported if none does, kBadData for scores that
// are not finite.
CodeSignature dry_run(const CodeModel& model,
                      const std::vector<InputForm>& forms,
                      const std::string& model_file);

// Whether result is [count, any number] of floats or uint8.
bool are_scores(const torch::Tensor& result, int64_t count);

// The scores as float32.
torch::Tensor as_floats(const torch::Tensor& scores);

// "Long [1, 10]"
std::string tensor_name(const torch::Tensor& tensor);

// What is said of a file whose code is not that of a classifier.
extern const char kExpectedSignature[];

}  // namespace torchclassify
