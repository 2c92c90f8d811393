// SPDX-License-Identifier: LGPL-2.1-or-later
// train's settings as options of a command.
#pragma once

#include <string>
#include <vector>

#include "settings/train_request.h"

namespace CLI {
class App;
}

namespace torchclassify {

// Adds all but those whose name is left out. What the user gives is collected
// in given, which outlives the command: what it is about is known when all of
// it is there.
void add_train_options(CLI::App& command,
                       const std::vector<std::string>& left_out,
                       GivenSettings& given);

}  // namespace torchclassify
