// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies beside weights from a model hub: config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"

namespace torchclassify {

// What timm's config.json, or transformers' config.json and
// preprocessor_config.json, say; what they do not say is empty.
struct ModelConfig {
  std::string architecture;          // as the library names it
  std::vector<std::string> classes;  // in the order of the logits
  std::int64_t class_count = 0;      // 0: not said
  std::optional<Preprocessing> preprocessing;
};

// Reads the files in the weights' folder; nothing if there is no config.json.
// Throws Error kCannotRead, or kBadData (not JSON, a field of the wrong kind,
// over 16 MiB), naming the file.
std::optional<ModelConfig> read_model_config(
    const std::filesystem::path& weights);

}  // namespace torchclassify
