// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/near_names.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

namespace torchclassify {
namespace {

// Levenshtein's: letters to insert, remove or replace.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string near_names(const std::string& name,
                       const std::vector<std::string>& candidates) {
  constexpr std::size_t kFar = 4;
  constexpr std::size_t kSuggestions = 3;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < kFar)
      near.emplace_back(distance, candidate);
  }
  if (near.empty())
    return {};
  std::ranges::sort(near);
  std::string text = " (did you mean ";
  for (std::size_t i = 0; i < std::min(near.size(), kSuggestions); ++i)
    text += (i == 0 ? "" : ", ") + near[i].second;
  return text + "?)";
}

}  // namespace torchclassify
