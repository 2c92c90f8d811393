// SPDX-License-Identifier: LGPL-2.1-or-later
// The options of every command that opens a model.
#pragma once

#include "torchclassify/classifier.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace torchclassify {

// Adds --model-file (returned: the caller says whether it is required),
// --device, --precision, --batch-size, --workers and --allow-code; they fill
// options, which must outlive the command.
CLI::Option* add_model_options(CLI::App& command, ClassifierOptions& options);

}  // namespace torchclassify
