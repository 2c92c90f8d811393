// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/wordnet.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace torchclassify {
namespace {

constexpr std::string_view kIds[] = {
#include "data/wordnet_ids.inc"
};
constexpr const char* kNames[] = {
#include "models/imagenet_classes.inc"
};
static_assert(std::size(kIds) == 1000 && std::size(kNames) == 1000);

}  // namespace

std::optional<std::vector<std::string>> imagenet_names(
    const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    const auto found = std::lower_bound(std::begin(kIds), std::end(kIds), id);
    if (found == std::end(kIds) || *found != id)
      return std::nullopt;
    names.emplace_back(kNames[found - std::begin(kIds)]);
  }
  return names;
}

}  // namespace torchclassify
