// SPDX-License-Identifier: LGPL-2.1-or-later
// A better temperature and better thresholds, and the bundle that has them.
#pragma once

#include <filesystem>

#include "commands/evaluation.h"

namespace torchclassify {

struct RefitChoices {
  bool temperature = false;
  bool thresholds = false;

  bool any() const { return temperature || thresholds; }
};

// Throws Error kInvalidArgument for a model that has no use for them.
void check_refit(const ModelInfo& info, const RefitChoices& choices);

// Fits what is chosen to evaluation's answers, the temperature first. Throws
// Error kBadData for answers that no temperature within its range is best for.
Refit refit(const Evaluation& evaluation, const RefitChoices& choices);

// Writes model_file with info's temperature and thresholds to output; all else,
// the weights' bytes among it, stays as it is. Throws Error as open_bundle()
// and write_safetensors() do.
void write_refitted(const std::filesystem::path& model_file,
                    const ModelInfo& info, const std::filesystem::path& output);

}  // namespace torchclassify
