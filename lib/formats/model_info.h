// SPDX-License-Identifier: LGPL-2.1-or-later
// ModelInfo as JSON and back; the rules that both ways keep.
#pragma once

#include <string>
#include <string_view>

#include "torchclassify/model_info.h"

namespace torchclassify {

inline constexpr int kBundleVersion = 1;

// Throws Error kInvalidArgument for names that are not UTF-8.
std::string to_json(const ModelInfo& info);

// Throws Error kBadData, naming the field and origin (the file), for JSON that
// is not a valid ModelInfo, kUnsupported for a newer version. Unknown keys are
// ignored, so that later versions may add some.
ModelInfo parse_model_info(std::string_view json, const std::string& origin);

// Throws Error kInvalidArgument, naming the field and origin, unless counts
// agree, numbers are finite and in range, and the preprocessing is valid.
void check_model_info(const ModelInfo& info, const std::string& origin);

}  // namespace torchclassify
