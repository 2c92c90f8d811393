// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/aot_source.h"

#include <algorithm>
#include <charconv>

namespace torchclassify {
namespace {

constexpr std::int64_t kMaxSides = 8;

bool skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected))
    return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc())
    return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Reads the source line by line.
class SourceReader {
 public:
  void read_line(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (skip(line, "inputs_info_["))
      read_input(line);
    else if (line.starts_with("outputs_info_["))
      ++found_.outputs;
    else if (skip(line,
                  "int32_t " + name_ + "_expected_dtype = aoti_torch_dtype_"))
      found_.dtype = line.substr(0, line.find('('));
    else if (skip(line, "if ("))
      read_condition(line);
  }
  const AotSource& found() const { return found_; }

 private:
  // 0].name = "arg4_1";
  void read_input(std::string_view line) {
    ++found_.inputs;
    if (skip(line, "0].name = \""))
      name_ = line.substr(0, line.find('"'));
  }

  // 224 != arg4_1_size[2]) {   or   arg4_1_size[0] > 64) {   or a stride's
  void read_condition(std::string_view line) {
    const auto expected = take_number(line);
    if (expected && !skip(line, " != "))
      return;
    if (name_.empty() || !skip(line, name_))
      return;
    if (skip(line, "_size["))
      set(found_.sides, expected, line);
    else if (skip(line, "_stride["))
      set(found_.strides, expected, line);
  }

  // 2]) {   or   0] > 64) {
  void set(std::vector<std::optional<std::int64_t>>& values,
           std::optional<std::int64_t> expected, std::string_view rest) {
    const auto index = take_number(rest);
    if (!index || *index < 0 || *index >= kMaxSides)
      return;
    const auto at = static_cast<std::size_t>(*index);
    if (found_.sides.size() <= at) {
      found_.sides.resize(at + 1);
      found_.strides.resize(at + 1);
    }
    if (expected)
      values[at] = expected;
    else if (at == 0 && skip(rest, "] > "))
      found_.largest_batch = take_number(rest).value_or(0);
  }

  AotSource found_;
  std::string name_;  // of the first input
};

}  // namespace

AotSource read_aot_source(std::string_view source) {
  SourceReader reader;
  while (!source.empty()) {
    const std::size_t end = source.find('\n');
    reader.read_line(source.substr(0, end));
    source.remove_prefix(end == source.npos ? source.size() : end + 1);
  }
  return reader.found();
}

}  // namespace torchclassify
