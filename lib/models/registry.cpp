// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/registry.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

// Bounds that no sensible model meets: a model file that lies about its sizes
// must not take all memory.
constexpr std::int64_t kMaxClasses = 100'000;
constexpr std::int64_t kMaxChannels = 1024;
constexpr std::int64_t kMinFixedSize = 2;     // pixels
constexpr std::int64_t kMaxFixedSize = 2048;  // pixels
constexpr std::int64_t kMaxFixedWeights = std::int64_t{1} << 28;

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

std::string near_names(const std::string& name) {
  constexpr std::size_t kFar = 4;
  constexpr std::size_t kSuggestions = 3;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const ZooEntry& entry : zoo()) {
    const std::size_t distance = edit_distance(name, entry.facts.name);
    if (distance < kFar)
      near.emplace_back(distance, entry.facts.name);
  }
  std::ranges::sort(near);
  std::string text;
  for (std::size_t i = 0; i < std::min(near.size(), kSuggestions); ++i)
    text += (i == 0 ? "" : ", ") + near[i].second;
  return text;
}

const ZooEntry& find(const std::string& name) {
  const auto& entries = zoo();
  const auto entry = std::ranges::find(
      entries, name, [](const ZooEntry& each) { return each.facts.name; });
  if (entry != entries.end())
    return *entry;
  const std::string near = near_names(name);
  throw Error(ErrorCode::kNotFound,
              "expected the name of an architecture, got \"" + name + "\"" +
                  (near.empty() ? "" : " (did you mean " + near + "?)"));
}

void check_range(const ZooEntry& entry, const char* what, std::int64_t value,
                 std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    throw Error(ErrorCode::kInvalidArgument,
                entry.facts.name + ": expected " + what + " from " +
                    std::to_string(least) + " to " + std::to_string(most) +
                    ", got " + std::to_string(value));
}

void check_fixed_size(const ZooEntry& entry, const ModelOptions& options) {
  check_range(entry, "an input width", options.input_width, kMinFixedSize,
              kMaxFixedSize);
  check_range(entry, "an input height", options.input_height, kMinFixedSize,
              kMaxFixedSize);
  // Each class looks at 4 numbers a pixel.
  check_range(entry, "a product of classes and input size",
              4 * options.input_width * options.input_height * options.classes,
              1, kMaxFixedWeights);
}

// The options with the usual sizes filled in.
ModelOptions checked(const ZooEntry& entry, ModelOptions options) {
  check_range(entry, "a number of classes", options.classes, 1, kMaxClasses);
  check_range(entry, "a number of channels", options.channels, 1, kMaxChannels);
  if (!options.extra.empty())
    throw Error(ErrorCode::kInvalidArgument,
                entry.facts.name + ": expected no extra options, got \"" +
                    options.extra.begin()->first + "\"");
  for (auto* size : {&options.input_width, &options.input_height}) {
    if (*size == 0)
      *size = entry.facts.input_size;
  }
  if (entry.fixed_size)
    check_fixed_size(entry, options);
  return options;
}

}  // namespace

std::vector<Architecture> architectures() {
  std::vector<Architecture> facts;
  for (const ZooEntry& entry : zoo()) facts.push_back(entry.facts);
  return facts;
}

std::shared_ptr<ImageClassifierImpl> create_model(const std::string& name,
                                                  const ModelOptions& options) {
  const ZooEntry& entry = find(name);
  return entry.create(checked(entry, options));
}

}  // namespace torchclassify::nn
