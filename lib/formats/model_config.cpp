// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/model_config.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include "formats/byte_cursor.h"
#include "formats/json_fields.h"
#include "formats/mapped_file.h"
#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxSize = 16 << 20;  // bytes
constexpr int kMaxSide = 32768;             // pixels

const Names<Interpolation> kInterpolations = {
    {Interpolation::kBilinear, "bilinear"},
    {Interpolation::kBicubic, "bicubic"}};
const Names<ResizeMode> kCropModes = {{ResizeMode::kShorterSide, "center"},
                                      {ResizeMode::kSquash, "squash"}};

Json read_json(const std::filesystem::path& path) {
  const MappedFile file(path);
  if (file.size() > kMaxSize)
    throw Error(ErrorCode::kBadData, "expected at most 16 MiB of JSON, got " +
                                         std::to_string(file.size()) +
                                         " bytes: " + path.string());
  try {
    return parse_strict_json(as_text(file.bytes()));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kBadData, std::string("expected JSON, got ") +
                                         error.what() + ": " + path.string());
  }
}

int side(const Fields& fields, const char* key, double value) {
  if (!(value >= 1 && value <= kMaxSide))
    fields.refuse(key, "1 to " + std::to_string(kMaxSide) + " pixels");
  return static_cast<int>(value);
}

// timm resizes to floor(size / crop_pct), transformers likewise.
int resized(const Fields& fields, int size, double crop_pct) {
  if (!(crop_pct > 0 && crop_pct <= 1))
    fields.refuse("crop_pct", "a number above 0, at most 1,");
  return static_cast<int>(std::floor(size / crop_pct));
}

// timm's pretrained_cfg, see timm.data.resolve_data_config().
Preprocessing read_timm(const Fields& fields) {
  const Preprocessing usual;
  const auto size = fields.required<std::vector<float>>("input_size");
  if (size.size() != 3 || (size[0] != 1 && size[0] != 3))
    fields.refuse("input_size", "1 or 3 channels, a height and a width");
  Preprocessing read;
  read.channels = static_cast<int>(size[0]);
  read.crop_height = side(fields, "input_size", size[1]);
  read.crop_width = side(fields, "input_size", size[2]);
  read.interpolation = fields.required_enum("interpolation", kInterpolations);
  read.resize_mode = fields.contains("crop_mode")
                         ? fields.required_enum("crop_mode", kCropModes)
                         : ResizeMode::kShorterSide;
  read.resize_size =
      resized(fields, std::min(read.crop_width, read.crop_height),
              fields.optional("crop_pct", 0.875));
  read.mean = fields.optional("mean", usual.mean);
  read.std = fields.optional("std", usual.std);
  return read;
}

// Pillow's numbers.
Interpolation read_resample(const Fields& fields) {
  switch (fields.optional("resample", 2)) {
    case 2:
      return Interpolation::kBilinear;
    case 3:
      return Interpolation::kBicubic;
    default:
      fields.refuse("resample", "2 (bilinear) or 3 (bicubic)");
  }
}

// ViTImageProcessor squashes to size; ConvNextImageProcessor takes the centre
// below 384 pixels and squashes from there on.
Preprocessing read_transformers(const Fields& fields) {
  constexpr int kSquashFrom = 384;
  const Preprocessing usual;
  Preprocessing read;
  const Fields size = fields.object("size");
  if (size.contains("shortest_edge")) {
    const int edge =
        side(size, "shortest_edge", size.required<int>("shortest_edge"));
    read.crop_width = read.crop_height = edge;
    read.resize_mode =
        edge < kSquashFrom ? ResizeMode::kShorterSide : ResizeMode::kSquash;
    read.resize_size = resized(fields, edge, fields.optional("crop_pct", 1.0));
  } else {
    read.resize_mode = ResizeMode::kSquash;
    read.crop_width = side(size, "width", size.required<int>("width"));
    read.crop_height = side(size, "height", size.required<int>("height"));
  }
  read.interpolation = read_resample(fields);
  read.mean = fields.optional("image_mean", usual.mean);
  read.std = fields.optional("image_std", usual.std);
  return read;
}

// {"0": "tench", ...}
std::vector<std::string> read_id2label(const Json& json, const Fields& fields) {
  std::vector<std::string> names(json.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto name = json.find(std::to_string(i));
    if (name == json.end() || !name->is_string())
      fields.refuse("id2label", "a name for each number from 0 on");
    names[i] = name->get<std::string>();
  }
  return names;
}

void read_config(const std::filesystem::path& path, ModelConfig& config) {
  const Json json = read_json(path);
  const Fields fields(json, "", path.string());
  config.architecture = fields.optional("architecture", std::string());
  config.class_count = fields.optional("num_classes", 0);
  config.classes = fields.optional("label_names", std::vector<std::string>());
  if (fields.contains("id2label"))
    config.classes = read_id2label(fields.required<Json>("id2label"), fields);
  if (fields.contains("pretrained_cfg"))
    config.preprocessing = read_timm(fields.object("pretrained_cfg"));
}

}  // namespace

std::optional<ModelConfig> read_model_config(
    const std::filesystem::path& weights) {
  const auto path = weights.parent_path() / "config.json";
  if (!std::filesystem::exists(path))
    return std::nullopt;
  ModelConfig config;
  read_config(path, config);
  const auto processor = weights.parent_path() / "preprocessor_config.json";
  if (!config.preprocessing && std::filesystem::exists(processor)) {
    const Json json = read_json(processor);
    config.preprocessing =
        read_transformers(Fields(json, "", processor.string()));
  }
  return config;
}

}  // namespace torchclassify
