// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/labels.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "formats/mapped_file.h"
#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::json;
using Labels = std::vector<std::string>;

constexpr std::size_t kMaxSize = 16 << 20;  // bytes
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void refuse(const std::string& message,
                         const std::filesystem::path& path) {
  throw Error(ErrorCode::kBadData, message + ": " + path.string());
}

std::string read_text(const std::filesystem::path& path) {
  const MappedFile file(path);
  if (file.size() > kMaxSize)
    refuse("expected a label file of at most 16 MiB, got " +
               std::to_string(file.size()) + " bytes",
           path);
  std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.starts_with(kByteOrderMark))
    text.erase(0, kByteOrderMark.size());
  return text;
}

Labels split_lines(std::string_view text) {
  Labels lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// Names by number to names in order; nothing if a number is missing or twice.
std::optional<Labels> in_order(
    const std::vector<std::pair<std::size_t, std::string>>& numbered) {
  Labels labels(numbered.size());
  std::vector<bool> seen(numbered.size());
  for (const auto& [index, name] : numbered) {
    if (index >= seen.size() || seen[index])
      return {};
    seen[index] = true;
    labels[index] = name;
  }
  return labels;
}

// "index name"; nothing for another line.
std::optional<std::pair<std::size_t, std::string>> split_number(
    const std::string& line) {
  std::size_t index = 0;
  const char* const end = line.data() + line.size();
  const auto parsed = std::from_chars(line.data(), end, index);
  if (parsed.ec != std::errc() || parsed.ptr == end ||
      (*parsed.ptr != ' ' && *parsed.ptr != '\t'))
    return {};
  const char* name = parsed.ptr;
  while (name < end && (*name == ' ' || *name == '\t')) ++name;
  return std::pair(index, std::string(name, end));
}

Labels from_lines(const std::string& text, const std::filesystem::path& path) {
  const Labels lines = split_lines(text);
  std::vector<std::pair<std::size_t, std::string>> numbered;
  bool from_zero = false;
  for (const std::string& line : lines) {
    const auto split = split_number(line);
    if (!split)
      return lines;
    numbered.push_back(*split);
    from_zero = from_zero || split->first == 0;
  }
  if (!from_zero)
    return lines;  // names like "30 km/h" and "50 km/h"
  auto labels = in_order(numbered);
  if (!labels)
    refuse("expected every number from 0 once before the class names", path);
  return *labels;
}

Labels from_list(const Json& list, const std::filesystem::path& path) {
  Labels labels;
  for (const Json& name : list) {
    if (!name.is_string())
      refuse("expected a JSON list of names", path);
    labels.push_back(name.get<std::string>());
  }
  return labels;
}

// torchvision's class index: {"0": ["n01440764", "tench"], ...}.
Labels from_index(const Json& object, const std::filesystem::path& path) {
  std::vector<std::pair<std::size_t, std::string>> numbered;
  for (const auto& [key, value] : object.items()) {
    std::size_t index = 0;
    const char* const end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data(), end, index);
    if (parsed.ec != std::errc() || parsed.ptr != end || !value.is_array() ||
        value.size() != 2 || !value[1].is_string())
      refuse("expected a class index like {\"0\": [\"n01440764\", \"tench\"]}",
             path);
    numbered.emplace_back(index, value[1].get<std::string>());
  }
  auto labels = in_order(numbered);
  if (!labels)
    refuse("expected every number from 0 once in the class index", path);
  return *labels;
}

Labels from_json(const std::string& text, const std::filesystem::path& path) {
  Json json;
  try {
    json = parse_strict_json(text);
  } catch (const std::exception& error) {
    refuse(std::string("expected class names as JSON, got ") + error.what(),
           path);
  }
  return json.is_array() ? from_list(json, path) : from_index(json, path);
}

}  // namespace

Labels read_labels(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  if (!is_utf8(text))
    refuse("expected class names in UTF-8", path);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const bool json =
      start != text.npos && (text[start] == '[' || text[start] == '{');
  Labels labels = json ? from_json(text, path) : from_lines(text, path);
  if (labels.empty())
    refuse("expected class names, got an empty file", path);
  return labels;
}

Labels read_labels(const std::filesystem::path& path, std::size_t count) {
  Labels labels = read_labels(path);
  if (labels.size() != count)
    refuse("expected " + std::to_string(count) + " class names, got " +
               std::to_string(labels.size()),
           path);
  return labels;
}

}  // namespace torchclassify
