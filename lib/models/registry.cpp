// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/registry.h"

#include <algorithm>
#include <optional>

#include "models/initial_values.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

// Bounds that no sensible model meets: a model file that lies about its sizes
// must not take all memory.
constexpr std::int64_t kMaxClasses = 100'000;
constexpr std::int64_t kMaxChannels = 1024;
constexpr std::int64_t kMaxSize = 32768;      // pixels
constexpr std::int64_t kMaxFixedSize = 2048;  // pixels

void check_range(const ZooEntry& entry, const char* what, std::int64_t value,
                 std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    throw Error(ErrorCode::kInvalidArgument,
                entry.facts.name + ": expected " + what + " from " +
                    std::to_string(least) + " to " + std::to_string(most) +
                    ", got " + std::to_string(value));
}

void check_extra(const ZooEntry& entry, const ModelOptions& options) {
  for (const auto& [name, value] : options.extra) {
    if (std::ranges::find(entry.extra, name) == entry.extra.end())
      throw Error(
          ErrorCode::kInvalidArgument,
          entry.facts.name + ": expected no extra option \"" + name + "\"");
    check_range(entry, ("\"" + name + "\"").c_str(), value, 0, 1);
  }
}

void check_probability(const ZooEntry& entry, const std::string& what,
                       bool present, std::optional<double> value) {
  if (!value || (present && *value >= 0 && *value < 1) || *value == 0)
    return;
  throw Error(ErrorCode::kInvalidArgument,
              entry.facts.name + ": expected " +
                  (present ? what + " from 0 to below 1"
                           : "no " + what + ", which it does not have") +
                  ", got " + std::to_string(*value));
}

// The options with the usual sizes filled in.
ModelOptions checked(const ZooEntry& entry, ModelOptions options) {
  check_range(entry, "a number of classes", options.classes, 1, kMaxClasses);
  check_range(entry, "a number of channels", options.channels, 1, kMaxChannels);
  check_probability(entry, "dropout", entry.dropout, options.dropout);
  check_probability(entry, "stochastic depth", entry.stochastic_depth,
                    options.stochastic_depth);
  check_extra(entry, options);
  const std::int64_t most = entry.fixed_size ? kMaxFixedSize : kMaxSize;
  for (auto* size : {&options.input_width, &options.input_height}) {
    if (*size == 0)
      *size = entry.facts.input_size;
    check_range(
        entry,
        size == &options.input_width ? "an input width" : "an input height",
        *size, entry.facts.min_input_size, most);
  }
  return options;
}

}  // namespace

std::vector<Architecture> architectures() {
  std::vector<Architecture> facts;
  for (const ZooEntry& entry : zoo()) facts.push_back(entry.facts);
  return facts;
}

Architecture find_architecture(const std::string& name) {
  return zoo_entry(name).facts;
}

std::shared_ptr<ImageClassifierImpl> create_model(const std::string& name,
                                                  const ModelOptions& options) {
  const ZooEntry& entry = zoo_entry(name);
  const ModelOptions complete = checked(entry, options);
  std::optional<WithoutInitialValues> weights_follow;
  if (!options.initialize)
    weights_follow.emplace();
  return entry.create(complete);
}

}  // namespace torchclassify::nn
