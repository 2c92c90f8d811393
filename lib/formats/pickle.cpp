// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/pickle.h"

#include "formats/pickle_machine.h"

namespace torchclassify {

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) {
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2) {
    if (dict.items[i - 2]->kind == PickleKind::kText &&
        dict.items[i - 2]->text == key)
      return dict.items[i - 1];
  }
  return nullptr;
}

Pickle parse_pickle(std::span<const std::byte> bytes,
                    const std::string& origin) {
  return PickleMachine(bytes, origin).run();
}

}  // namespace torchclassify
