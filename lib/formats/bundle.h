// SPDX-License-Identifier: LGPL-2.1-or-later
// The model file: safetensors with a ModelInfo as JSON in its metadata.
#pragma once

#include <filesystem>

#include "formats/model_info.h"
#include "formats/weights_file.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

inline constexpr char kBundleKey[] = "torchclassify";  // in __metadata__

// A model file whose ModelInfo has been read and checked.
struct Bundle {
  WeightsFile file;
  ModelInfo info;
};

// Throws Error as WeightsFile does; kUnsupported for a file without the
// metadata key (the message says that `torchclassify convert` makes a bundle)
// or of a newer version; kBadData, naming the JSON field, for a wrong
// ModelInfo.
Bundle open_bundle(const std::filesystem::path& path);

// Throws Error kInvalidArgument for an info that open_bundle() would refuse,
// kCannotWrite.
void write_bundle(const std::filesystem::path& path, const ModelInfo& info,
                  const TensorViews& tensors);

// Writes the bundle to path under another description; all else of it, the
// weights' bytes and other metadata, stays as it is. path may be the bundle's
// own. Throws as write_bundle().
void write_described_anew(const std::filesystem::path& path,
                          const Bundle& bundle, const ModelInfo& info);

}  // namespace torchclassify
