// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/model_info.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "formats/json_fields.h"
#include "formats/strict_json.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxClasses = 1'000'000;

const Names<ResizeMode> kResizeModes = {
    {ResizeMode::kShorterSide, "shorter-side"},
    {ResizeMode::kSquash, "squash"},
    {ResizeMode::kLetterbox, "letterbox"}};
const Names<Interpolation> kInterpolations = {
    {Interpolation::kBilinear, "bilinear"},
    {Interpolation::kBicubic, "bicubic"}};
const Names<Activation> kActivations = {{Activation::kSoftmax, "softmax"},
                                        {Activation::kSigmoid, "sigmoid"},
                                        {Activation::kNone, "none"}};

template <typename Enum>
const char* name_of(const Names<Enum>& names, Enum value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value)
      return name;
  }
  throw Error(ErrorCode::kInvalidArgument, "expected an enumerator");
}

Json to_json(const Preprocessing& preprocessing) {
  return {
      {"resize_mode", name_of(kResizeModes, preprocessing.resize_mode)},
      {"resize_size", preprocessing.resize_size},
      {"interpolation", name_of(kInterpolations, preprocessing.interpolation)},
      {"crop_width", preprocessing.crop_width},
      {"crop_height", preprocessing.crop_height},
      {"channels", preprocessing.channels},
      {"pad_value", preprocessing.pad_value},
      {"mean", preprocessing.mean},
      {"std", preprocessing.std}};
}

bool is_int64(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<std::uint64_t>() <=
              static_cast<std::uint64_t>(
                  std::numeric_limits<std::int64_t>::max()));
}

template <typename T>
std::map<std::string, T> read_map(const Json& json, const Fields& fields,
                                  const char* key) {
  constexpr bool kText = std::is_same_v<T, std::string>;
  constexpr bool kWhole = std::is_same_v<T, std::int64_t>;
  std::map<std::string, T> values;
  if (!json.is_object())
    fields.refuse(key, "an object");
  for (const auto& [name, value] : json.items()) {
    const bool fits = kText    ? value.is_string()
                      : kWhole ? is_int64(value)
                               : value.is_number();
    if (!fits)
      fields.refuse(key, kText    ? "strings"
                         : kWhole ? "whole numbers"
                                  : "numbers");
    values.emplace(name, value.template get<T>());
  }
  return values;
}

Preprocessing read_preprocessing(const Fields& fields) {
  Preprocessing read;
  read.resize_mode = fields.required_enum("resize_mode", kResizeModes);
  read.resize_size = fields.optional("resize_size", read.resize_size);
  read.interpolation = fields.required_enum("interpolation", kInterpolations);
  read.crop_width = fields.required<int>("crop_width");
  read.crop_height = fields.required<int>("crop_height");
  read.channels = fields.required<int>("channels");
  read.pad_value = fields.optional("pad_value", read.pad_value);
  read.mean = fields.required<std::vector<float>>("mean");
  read.std = fields.required<std::vector<float>>("std");
  return read;
}

SelfCheck read_self_check(const Fields& fields) {
  return {.width = fields.required<int>("width"),
          .height = fields.required<int>("height"),
          .logits = fields.required<std::vector<float>>("logits")};
}

void check_version(const Fields& fields, const std::string& origin) {
  const int version = fields.required<int>("version");
  if (version < 1)
    fields.refuse("version", "1 or more");
  if (version > kBundleVersion)
    throw Error(ErrorCode::kUnsupported,
                "expected a model file of version " +
                    std::to_string(kBundleVersion) + " or older, got " +
                    std::to_string(version) + ": " + origin);
}

ModelInfo read_info(const Json& json, const std::string& origin) {
  const Fields fields(json, "", "the model's description: " + origin);
  check_version(fields, origin);
  const Fields architecture = fields.object("architecture");
  ModelInfo info;
  info.architecture = architecture.required<std::string>("name");
  info.architecture_options =
      read_map<std::int64_t>(architecture.optional("options", Json::object()),
                             architecture, "options");
  info.classes = fields.required<std::vector<std::string>>("classes");
  info.preprocessing = read_preprocessing(fields.object("preprocessing"));
  info.activation = fields.required_enum("activation", kActivations);
  info.temperature = fields.optional("temperature", 1.0);
  info.thresholds = fields.optional("thresholds", std::vector<float>());
  if (fields.contains("self_check"))
    info.self_check = read_self_check(fields.object("self_check"));
  info.provenance = read_map<std::string>(
      fields.optional("provenance", Json::object()), fields, "provenance");
  info.metrics = read_map<double>(fields.optional("metrics", Json::object()),
                                  fields, "metrics");
  return info;
}

void require(bool holds, const char* expected, const std::string& origin) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument,
                std::string("expected ") + expected +
                    " in the model's description: " + origin);
}

bool all_within(const std::vector<float>& values, float low, float high) {
  return std::all_of(values.begin(), values.end(), [=](float value) {
    return value >= low && value <= high;  // false for NaN
  });
}

}  // namespace

std::string to_json(const ModelInfo& info) {
  Json json = {
      {"version", kBundleVersion},
      {"architecture",
       {{"name", info.architecture}, {"options", info.architecture_options}}},
      {"classes", info.classes},
      {"preprocessing", to_json(info.preprocessing)},
      {"activation", name_of(kActivations, info.activation)},
      {"temperature", info.temperature},
      {"provenance", info.provenance},
      {"metrics", info.metrics}};
  if (!info.thresholds.empty())
    json["thresholds"] = info.thresholds;
  if (info.self_check.width > 0)
    json["self_check"] = {{"width", info.self_check.width},
                          {"height", info.self_check.height},
                          {"logits", info.self_check.logits}};
  try {
    return json.dump();
  } catch (const Json::exception&) {
    throw Error(ErrorCode::kInvalidArgument,
                "expected names in UTF-8 in the model's description");
  }
}

ModelInfo parse_model_info(std::string_view json, const std::string& origin) {
  Json parsed;
  try {
    parsed = parse_strict_json(json);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kBadData,
                std::string("expected the model's description as JSON, got ") +
                    error.what() + ": " + origin);
  }
  ModelInfo info = read_info(parsed, origin);
  try {
    check_model_info(info, origin);
  } catch (const Error& error) {
    throw Error(ErrorCode::kBadData, error.what());
  }
  return info;
}

void check_model_info(const ModelInfo& info, const std::string& origin) {
  constexpr float kMax = std::numeric_limits<float>::max();
  const std::size_t classes = info.classes.size();
  require(!info.architecture.empty(), "a name in \"architecture\"", origin);
  require(classes > 0 && classes <= kMaxClasses, "1 to 1000000 \"classes\"",
          origin);
  require(std::isfinite(info.temperature) && info.temperature > 0,
          "a \"temperature\" above 0", origin);
  require(info.thresholds.empty() || info.thresholds.size() == classes,
          "as many \"thresholds\" as \"classes\"", origin);
  require(all_within(info.thresholds, 0, 1), "\"thresholds\" from 0 to 1",
          origin);
  const SelfCheck& check = info.self_check;
  require(check.width >= 0 && check.height >= 0 && check.width <= 4096 &&
              check.height <= 4096 && (check.width > 0) == (check.height > 0),
          "a \"self_check\" picture of 1 to 4096 pixels a side", origin);
  require(check.width == 0 || check.logits.size() == classes,
          "as many \"self_check.logits\" as \"classes\"", origin);
  require(all_within(check.logits, -kMax, kMax),
          "finite numbers in \"self_check.logits\"", origin);
  for (const auto& [name, value] : info.metrics)
    require(std::isfinite(value), "finite numbers in \"metrics\"", origin);
  try {
    check_preprocessing(info.preprocessing);
  } catch (const Error& error) {
    throw Error(
        ErrorCode::kInvalidArgument,
        std::string(error.what()) +
            " in \"preprocessing\" of the model's description: " + origin);
  }
}

}  // namespace torchclassify
