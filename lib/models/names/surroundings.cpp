// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/names/surroundings.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <nlohmann/json.hpp>

#include "formats/strict_json.h"

namespace torchclassify::names {
namespace {

// Twenty times what 21,841 class names need.
constexpr std::uintmax_t kLargestConfig = 32 << 20;  // bytes

// Empty where there is no such file of a sensible size.
std::string small_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return "";
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kLargestConfig)
    return "";
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string as_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Any program may have left a config.json: one that is no such thing says
// nothing.
std::map<std::string, std::string> read_config(
    const std::filesystem::path& path) try {
  std::map<std::string, std::string> values;
  const auto json = parse_strict_json(small_file(path));
  if (!json.is_object())
    return {};
  for (const auto& [key, value] : json.items()) {
    if (value.is_primitive() && !value.is_null())
      values[key] = as_text(value);
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
