// SPDX-License-Identifier: LGPL-2.1-or-later
// One JSON object's fields; every complaint names the field and the file.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "torchclassify/error.h"

namespace torchclassify {

// An enumerator's spelling in JSON.
template <typename Enum>
using Names = std::initializer_list<std::pair<Enum, const char*>>;

// T is one of nlohmann::json, std::string, bool, int (32 bits), double,
// std::vector<float> and std::vector<std::string>.
class Fields {
 public:
  // json must outlive this. path: of the object in its file, with a dot at the
  // end, or empty. origin: what is complained about, such as the file's path.
  // Throws Error kBadData, like all the rest, unless json is an object.
  Fields(const nlohmann::json& json, std::string path, std::string origin);

  template <typename T>
  T required(const char* key) const {
    if (!contains(key))
      throw Error(ErrorCode::kBadData,
                  "expected the field \"" + path_ + key + "\" in " + origin_);
    return convert<T>(key);
  }

  template <typename T>
  T optional(const char* key, T otherwise) const {
    return contains(key) ? convert<T>(key) : std::move(otherwise);
  }

  template <typename Enum>
  Enum required_enum(const char* key, const Names<Enum>& names) const {
    const auto text = required<std::string>(key);
    std::string known;
    for (const auto& [value, name] : names) {
      if (text == name)
        return value;
      known += known.empty() ? name : std::string(" or ") + name;
    }
    refuse(key, known);
  }

  Fields object(const char* key) const;
  bool contains(const char* key) const { return json_.contains(key); }
  [[noreturn]] void refuse(const std::string& key,
                           const std::string& expected) const;

 private:
  template <typename T>
  T convert(const char* key) const;

  const nlohmann::json& json_;
  const std::string path_;
  const std::string origin_;
};

// Defined beside the class, for these types only.
template <>
nlohmann::json Fields::convert<nlohmann::json>(const char* key) const;
template <>
std::string Fields::convert<std::string>(const char* key) const;
template <>
bool Fields::convert<bool>(const char* key) const;
template <>
int Fields::convert<int>(const char* key) const;
template <>
double Fields::convert<double>(const char* key) const;
template <>
std::vector<float> Fields::convert<std::vector<float>>(const char* key) const;
template <>
std::vector<std::string> Fields::convert<std::vector<std::string>>(
    const char* key) const;

}  // namespace torchclassify
