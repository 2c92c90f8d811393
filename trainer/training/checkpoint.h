// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that going on with a run needs, in one safetensors file.
#pragma once

#include <filesystem>
#include <string>

#include "models/state_dict.h"
#include "training/run_state.h"

namespace torchclassify {

struct Checkpoint {
  NamedTensors model;      // weights and buffers
  NamedTensors average;    // of the moving average; empty: none
  NamedTensors optimiser;  // Optimiser::state()
  NamedTensors random;     // LibTorch's generators
  RunState state;
  std::string configuration;  // TrainOptions::configuration
  std::string fingerprint;    // of options and pictures: what must be the same
};

// Writes beside path, reads back and compares what was written, and renames: a
// reader never sees half a checkpoint, and a failure leaves the last one.
// Throws Error kCannotWrite.
void write_checkpoint(const std::filesystem::path& path,
                      const Checkpoint& checkpoint);

// The tensors own their storage. Throws Error kNotFound, kCannotRead or
// kBadData.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace torchclassify
