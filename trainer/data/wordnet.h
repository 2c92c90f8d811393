// SPDX-License-Identifier: LGPL-2.1-or-later
// ImageNet's classes by their WordNet ids ("n01440764"), as its folders are
// named.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace torchclassify {

// The names that published weights have for these ids, in their order; nothing
// unless every one is an id of ImageNet-1K's 1000 classes. The ids' own order
// is the classes'.
std::optional<std::vector<std::string>> imagenet_names(
    const std::vector<std::string>& ids);

}  // namespace torchclassify
