// SPDX-License-Identifier: LGPL-2.1-or-later
// One option of train: how it reads, and what it says now. The command line,
// --config, a checkpoint and config.toml all go through these.
#pragma once

#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "settings/train_request.h"
#include "torchclassify/error.h"

namespace torchclassify {

struct Setting {
  std::string names;  // "-b,--batch-size": the first long one is its name
  std::string help;
  std::vector<std::string> choices;  // empty: any
  bool flag = false;                 // takes no value on the command line
  bool several = false;              // takes one value or more

  // Throws Error kInvalidArgument for values that do not read as one.
  std::function<void(TrainRequest&, const std::vector<std::string>&)> set;
  // As TOML; nothing: has no value.
  std::function<std::optional<std::string>(const TrainRequest&)> toml;

  std::string name() const;  // without dashes
};

template <typename Value>
using Names = std::vector<std::pair<std::string, Value>>;

// The shortest text that reads as the same number.
template <typename Number>
std::string exactly(Number value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// Throws Error kInvalidArgument for text that is no number of that type.
template <typename Number>
Number number_from(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a number, got \"" + text + "\"");
  return value;
}

std::string toml_string(const std::string& text);

template <typename Value>
Value value_from(const std::string& text) {
  if constexpr (std::is_same_v<Value, bool>)
    return text == "true" || text == "1";
  else if constexpr (std::is_arithmetic_v<Value>)
    return number_from<Value>(text);
  else
    return Value(text);
}

template <typename Value>
std::optional<std::string> toml_of(const Value& value) {
  if constexpr (std::is_same_v<Value, bool>)
    return value ? "true" : "false";
  else if constexpr (std::is_arithmetic_v<Value>)
    return exactly(value);
  else if (std::string text(value); text.empty())
    return {};
  else
    return toml_string(text);
}

template <typename Value>
std::optional<std::string> toml_of(const std::optional<Value>& value) {
  return value ? toml_of(*value) : std::nullopt;
}

template <typename Value>
std::optional<std::string> toml_of(const std::vector<Value>& values) {
  if (values.empty())
    return {};
  std::string text = "[";
  for (const Value& value : values)
    text += (text.size() > 1 ? ", " : "") + *toml_of(value);
  return text + "]";
}

template <typename Value>
void read_into(Value& target, const std::vector<std::string>& values) {
  target = value_from<Value>(values.back());
}
template <typename Value>
void read_into(std::optional<Value>& target,
               const std::vector<std::string>& values) {
  target = value_from<Value>(values.back());
}
template <typename Value>
void read_into(std::vector<Value>& target,
               const std::vector<std::string>& values) {
  target.clear();
  for (const std::string& value : values)
    target.push_back(value_from<Value>(value));
}

template <typename Type>
inline constexpr bool kIsVector = false;
template <typename Value>
inline constexpr bool kIsVector<std::vector<Value>> = true;

// where: what of a request the setting is, as a reference.
template <typename Where>
Setting setting(std::string names, std::string help, Where where) {
  using Value =
      std::remove_cvref_t<decltype(where(std::declval<TrainRequest&>()))>;
  Setting result;
  result.names = std::move(names);
  result.help = std::move(help);
  result.flag = std::is_same_v<Value, bool>;
  result.several = kIsVector<Value>;
  result.set = [where](TrainRequest& request,
                       const std::vector<std::string>& values) {
    read_into(where(request), values);
  };
  result.toml = [where](const TrainRequest& request) {
    return toml_of(where(const_cast<TrainRequest&>(request)));
  };
  return result;
}

// One of several, by name; further names for one value are read, too.
template <typename Value, typename Where>
Setting choice(std::string names, std::string help, Names<Value> values,
               Where where) {
  Setting result;
  result.names = std::move(names);
  result.help = std::move(help);
  for (const auto& [name, value] : values) result.choices.push_back(name);
  result.set = [where, values](TrainRequest& request,
                               const std::vector<std::string>& texts) {
    for (const auto& [name, value] : values) {
      if (name == texts.back())
        where(request) = value;
    }
  };
  result.toml = [where, values](
                    const TrainRequest& request) -> std::optional<std::string> {
    for (const auto& [name, value] : values) {
      if (value == where(const_cast<TrainRequest&>(request)))
        return toml_string(name);
    }
    return {};
  };
  return result;
}

// Each part of the command line, in the order of --help.
std::vector<Setting> data_settings();
std::vector<Setting> input_settings();
std::vector<Setting> model_settings();
std::vector<Setting> optimisation_settings();
std::vector<Setting> schedule_settings();
std::vector<Setting> loss_settings();
std::vector<Setting> augmentation_settings();
std::vector<Setting> run_settings();

struct SettingGroup {
  std::string title;
  std::vector<Setting> settings;
};
const std::vector<SettingGroup>& setting_groups();

// Throws Error kInvalidArgument for a name that no setting has.
const Setting& find_setting(const std::string& name);

}  // namespace torchclassify
