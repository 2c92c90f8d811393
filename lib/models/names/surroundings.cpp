// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/names/surroundings.h"

#include <filesystem>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "formats/byte_cursor.h"
#include "formats/mapped_file.h"
#include "formats/strict_json.h"

namespace torchclassify::names {
namespace {

// Twenty times what 21,841 class names need.
constexpr std::size_t kLargestConfig = 32 << 20;  // bytes

std::string value_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Any program may have left a config.json: one that is no such thing says
// nothing.
std::map<std::string, std::string> read_config(
    const std::filesystem::path& path) try {
  const MappedFile file(path);
  if (file.size() > kLargestConfig)
    return {};
  const auto json = parse_strict_json(as_text(file.bytes()));
  if (!json.is_object())
    return {};
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : json.items()) {
    if (value.is_primitive() && !value.is_null())
      values[key] = value_text(value);
  }
  return values;
} catch (const std::runtime_error&) {
  return {};
}

}  // namespace

bool Surroundings::mentions(std::string_view text) const {
  return path.find(text) != std::string::npos ||
         value("architecture", "").find(text) != std::string::npos;
}

std::string Surroundings::value(const std::string& key,
                                const std::string& otherwise) const {
  const auto found = config.find(key);
  return found == config.end() ? otherwise : found->second;
}

Surroundings surroundings_of(const std::string& path) {
  return {.path = path,
          .config = read_config(std::filesystem::path(path).parent_path() /
                                "config.json")};
}

}  // namespace torchclassify::names
