// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of a model that is code: said by somebody, else assumed.
#pragma once

#include <optional>
#include <string>

#include "engine/code_model.h"
#include "engine/dry_run.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

inline constexpr char kDescriptionSuffix[] = ".json";  // of the model file

// The description in MODEL_FILE.json, else the one inside the file; empty:
// there is neither. Throws Error as parse_model_info() does, naming the file
// that holds it, or kCannotRead.
std::optional<ModelInfo> described_model(const CodeModel& model,
                                         const std::string& model_file);

// What holds for most models of such a signature: torchvision's preprocessing
// of colour floats, [0, 1] for grey ones, and pixels as they are, resized to
// the input, for bytes. Classes are "0", "1" and so on.
ModelInfo assumed_info(const CodeSignature& signature, const std::string& kind);

}  // namespace torchclassify
