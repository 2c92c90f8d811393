// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/code_description.h"

#include <algorithm>
#include <string_view>

#include "formats/byte_cursor.h"
#include "formats/mapped_file.h"
#include "formats/model_info.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::optional<ModelInfo> description_beside(const std::string& model_file) {
  const std::string path = model_file + kDescriptionSuffix;
  try {
    const MappedFile file(path);
    return parse_model_info(as_text(file.bytes()), path);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound)
      return {};
    throw;
  }
}

Preprocessing assumed_preprocessing(const InputForm& input) {
  // torchvision trains with 224 of 256 pixels, but small pictures (digits,
  // signs, CIFAR) whole.
  constexpr int kSmallestCropped = 160;  // pixels
  Preprocessing assumed;
  assumed.channels = input.channels;
  assumed.crop_width = input.width;
  assumed.crop_height = input.height;
  const int side = std::min(input.width, input.height);
  assumed.resize_size = side < kSmallestCropped ? side : side * 8 / 7;
  const auto channels = static_cast<std::size_t>(input.channels);
  if (input.bytes) {
    assumed.resize_mode = ResizeMode::kSquash;
    assumed.mean.assign(channels, 0.0f);
    assumed.std.assign(channels, 1.0f / 255);
  } else if (input.channels == 1) {
    assumed.mean.assign(channels, 0.0f);
    assumed.std.assign(channels, 1.0f);
  }
  return assumed;
}

}  // namespace

std::optional<ModelInfo> described_model(const CodeModel& model,
                                         const std::string& model_file) {
  if (auto beside = description_beside(model_file))
    return beside;
  const std::string inside = model.description();
  if (inside.empty())
    return {};
  return parse_model_info(inside, model_file);
}

ModelInfo assumed_info(const CodeSignature& signature,
                       const std::string& kind) {
  ModelInfo info;
  info.architecture = kind;
  for (int i = 0; i < signature.classes; ++i)
    info.classes.push_back(std::to_string(i));
  info.preprocessing = assumed_preprocessing(signature.input);
  if (signature.probabilities)
    info.activation = Activation::kNone;
  info.provenance["description"] = "found by a dry run";
  return info;
}

}  // namespace torchclassify
