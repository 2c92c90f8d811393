// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/json_fields.h"

#include <limits>
#include <vector>

namespace torchclassify {

using Json = nlohmann::json;

Fields::Fields(const Json& json, std::string path, std::string origin)
    : json_(json), path_(std::move(path)), origin_(std::move(origin)) {
  if (!json.is_object())
    refuse("", "an object");
}

Fields Fields::object(const char* key) const {
  required<Json>(key);
  return {json_[key], path_ + key + ".", origin_};
}

void Fields::refuse(const std::string& key, const std::string& expected) const {
  throw Error(ErrorCode::kBadData, "expected " + expected + " in \"" + path_ +
                                       key + "\" of " + origin_);
}

template <>
Json Fields::convert<Json>(const char* key) const {
  return json_[key];
}

template <>
std::string Fields::convert<std::string>(const char* key) const {
  if (!json_[key].is_string())
    refuse(key, "a string");
  return json_[key].get<std::string>();
}

template <>
bool Fields::convert<bool>(const char* key) const {
  if (!json_[key].is_boolean())
    refuse(key, "true or false");
  return json_[key].get<bool>();
}

template <>
int Fields::convert<int>(const char* key) const {
  const Json& value = json_[key];
  if (!value.is_number_integer() ||
      value.get<double>() > std::numeric_limits<int>::max() ||
      value.get<double>() < std::numeric_limits<int>::min())
    refuse(key, "a whole number of 32 bits");
  return value.get<int>();
}

template <>
double Fields::convert<double>(const char* key) const {
  if (!json_[key].is_number())
    refuse(key, "a number");
  return json_[key].get<double>();
}

template <>
std::vector<float> Fields::convert<std::vector<float>>(const char* key) const {
  std::vector<float> values;
  if (!json_[key].is_array())
    refuse(key, "a list of numbers");
  for (const Json& value : json_[key]) {
    if (!value.is_number())
      refuse(key, "a list of numbers");
    values.push_back(value.get<float>());
  }
  return values;
}

template <>
std::vector<std::string> Fields::convert<std::vector<std::string>>(
    const char* key) const {
  std::vector<std::string> values;
  if (!json_[key].is_array())
    refuse(key, "a list of strings");
  for (const Json& value : json_[key]) {
    if (!value.is_string())
      refuse(key, "a list of strings");
    values.push_back(value.get<std::string>());
  }
  return values;
}

}  // namespace torchclassify
