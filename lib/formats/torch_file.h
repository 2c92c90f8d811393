// SPDX-License-Identifier: LGPL-2.1-or-later
// What torch.save() writes: a state dict, read without Python.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/tensor_view.h"

namespace torchclassify {

enum class TorchFormat {
  kNone,    // not by torch.save()
  kZip,     // since PyTorch 1.6
  kLegacy,  // before: pickles, then the storages
  kTar,     // before 0.1.11, early in 2017
};

// By the first bytes.
TorchFormat sniff_torch_file(std::span<const std::byte> bytes);

struct TorchFile {
  // Names as in the file. Views into the bytes, or into swapped.
  TensorViews tensors;
  std::string container;  // WeightsFile::container()
  // Storages of the other byte order, each at most once.
  std::vector<std::unique_ptr<std::byte[]>> swapped;
};

// Reads the state dict out of a file of either format. The bytes must outlive
// the views. Throws Error naming origin (the file): kBadData, or kUnsupported
// for the tar form, archives that hold code, globals that are not allowed, and
// what holds no state dict.
TorchFile parse_torch_file(std::span<const std::byte> bytes,
                           const std::string& origin);

}  // namespace torchclassify
