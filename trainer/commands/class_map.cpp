// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/class_map.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::optional<int> as_index(const std::string& name, std::size_t count) {
  std::size_t index = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, index);
  if (error != std::errc() || rest != end || index >= count)
    return {};
  return static_cast<int>(index);
}

}  // namespace

std::vector<int> map_classes(const std::vector<std::string>& of_set,
                             const std::vector<std::string>& of_model,
                             const std::string& data_path) {
  std::unordered_map<std::string, int> by_name;
  for (std::size_t i = 0; i < of_model.size(); ++i)
    by_name.emplace(of_model[i], static_cast<int>(i));
  const bool named =
      std::all_of(of_set.begin(), of_set.end(),
                  [&](const auto& n) { return by_name.contains(n); });
  std::vector<int> ids;
  for (const std::string& name : of_set) {
    const auto id = named ? std::optional(by_name.at(name))
                          : as_index(name, of_model.size());
    if (!id)
      throw Error(ErrorCode::kBadData,
                  "expected classes that the model knows (" +
                      std::to_string(of_model.size()) + ", the first \"" +
                      of_model.front() + "\"), got \"" + name +
                      "\": " + data_path);
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace torchclassify
