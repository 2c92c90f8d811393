// SPDX-License-Identifier: LGPL-2.1-or-later
// The Python names that a pickle of weights may mention: all there are.
#pragma once

#include <string_view>

namespace torchclassify {

struct PickleGlobal {
  std::string_view name;  // "module.name"
  bool callable;          // may be given arguments: PickleKind::kCall
};

// Null for every other name.
const PickleGlobal* find_pickle_global(std::string_view name);

}  // namespace torchclassify
