// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify convert`: a bare weights file becomes a model bundle.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include <CLI/CLI.hpp>

#include "command.h"
#include "formats/bundle.h"
#include "formats/labels.h"
#include "formats/safetensors.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "output.h"
#include "torchclassify/error.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify {
namespace {

// What is not given comes from the file, if it is a bundle, or from the
// architecture.
struct ConvertOptions {
  std::string file;
  std::string output;
  std::string model;
  std::string classes_file;
  std::optional<int> resize_size;
  std::optional<int> crop_size;
  std::optional<int> channels;
  std::optional<Interpolation> interpolation;
  std::vector<float> mean;
  std::vector<float> std;
  torch::Dtype dtype = torch::kFloat32;
};

const nn::Architecture& find_architecture(
    const std::vector<nn::Architecture>& all, const std::string& name) {
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& a) { return a.name == name; });
  if (found == all.end())
    throw Error(
        ErrorCode::kNotFound,
        "expected an architecture that `torchclassify models` lists, got \"" +
            name + "\"");
  return *found;
}

// torchvision's ImageClassification preset at the architecture's size; small
// pictures are resized to the input size itself.
Preprocessing preset(const std::string& architecture) {
  constexpr int kImageNetSize = 224;
  const auto all = nn::architectures();
  const auto size =
      static_cast<int>(find_architecture(all, architecture).input_size);
  Preprocessing preprocessing;
  preprocessing.crop_width = preprocessing.crop_height = size;
  preprocessing.resize_size = size == kImageNetSize ? 256 : size;
  return preprocessing;
}

ModelInfo info_of_file(const SafetensorsFile& file,
                       const ConvertOptions& options) {
  const auto json = file.metadata().find(kBundleKey);
  if (json != file.metadata().end())
    return parse_model_info(json->second, options.file);
  ModelInfo info;
  info.architecture = options.model.empty()
                          ? recognise_architecture(file.tensors())
                          : options.model;
  if (info.architecture.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected --model, for the tensors' names fit no architecture "
                "or several: " +
                    options.file);
  info.preprocessing = preset(info.architecture);
  info.provenance["converted_from"] =
      std::filesystem::path(options.file).filename().string();
  return info;
}

void override_preprocessing(const ConvertOptions& options,
                            Preprocessing& preprocessing) {
  if (options.crop_size)
    preprocessing.crop_width = preprocessing.crop_height = *options.crop_size;
  if (options.resize_size)
    preprocessing.resize_size = *options.resize_size;
  else if (options.crop_size)  // keeps the preset's proportion, as timm does
    preprocessing.resize_size =
        std::max(*options.crop_size, preprocessing.resize_size);
  if (options.channels)
    preprocessing.channels = *options.channels;
  if (options.interpolation)
    preprocessing.interpolation = *options.interpolation;
  if (!options.mean.empty())
    preprocessing.mean = options.mean;
  if (!options.std.empty())
    preprocessing.std = options.std;
}

ModelInfo complete_info(const SafetensorsFile& file,
                        const ConvertOptions& options) {
  ModelInfo info = info_of_file(file, options);
  if (!options.model.empty())
    info.architecture = options.model;
  if (!options.classes_file.empty())
    info.classes = read_labels(options.classes_file);
  if (info.classes.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected --classes, for the file names none: " + options.file);
  override_preprocessing(options, info.preprocessing);
  return info;
}

// The one wrong shape that a user can do something about: a tensor that only
// differs in its number of classes.
void check_class_count(const torch::nn::Module& module,
                       const SafetensorsFile& file, const ModelInfo& info,
                       const std::string& origin) {
  const auto count = static_cast<std::int64_t>(info.classes.size());
  for (const auto& [name, tensor] : state_dict(module)) {
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end() || tensor.dim() == 0 ||
        tensor.size(0) != count)
      continue;
    std::vector<std::int64_t> shape = found->second.shape;
    if (shape.empty() || shape[0] == count)
      continue;
    const std::int64_t in_file = std::exchange(shape[0], count);
    if (tensor.sizes() == torch::IntArrayRef(shape))
      throw Error(ErrorCode::kBadData,
                  "expected " + std::to_string(in_file) + " class names, as " +
                      name + " has rows, got " + std::to_string(count) + ": " +
                      origin);
  }
}

void convert(const ConvertOptions& options) {
  const SafetensorsFile file(options.file);
  ModelInfo info = complete_info(file, options);
  const auto module = create_model(info);
  check_class_count(*module, file, info, options.file);
  load_state_dict(*module, file.tensors(), options.file);
  save_bundle(options.output, info, *module, options.dtype);
  print(options.output + ": " + info.architecture + ", " +
        std::to_string(info.classes.size()) + " classes\n");
}

const std::map<std::string, torch::Dtype>& dtypes() {
  static const std::map<std::string, torch::Dtype> names = {
      {"bf16", torch::kBFloat16},
      {"fp16", torch::kHalf},
      {"fp32", torch::kFloat32}};
  return names;
}

void add_file_options(CLI::App& command, ConvertOptions& options) {
  command.add_option("file", options.file, "Safetensors file of weights")
      ->required();
  command.add_option("-o,--output", options.output, "Bundle to write")
      ->required();
  command.add_option("--model", options.model,
                     "Architecture; recognised by its tensors if not given");
  command.add_option("--classes", options.classes_file,
                     "File of class names, in the order of the logits");
  command
      .add_option_function<std::string>(
          "--dtype",
          [&options](const std::string& name) {
            options.dtype = dtypes().at(name);
          },
          "Type of the weights in the bundle: fp32, fp16 or bf16")
      ->check(CLI::IsMember({"fp32", "fp16", "bf16"}))
      ->default_str("fp32");
}

void add_preprocessing_options(CLI::App& command, ConvertOptions& options) {
  static const std::map<std::string, Interpolation> kInterpolations = {
      {"bilinear", Interpolation::kBilinear},
      {"bicubic", Interpolation::kBicubic}};
  command.add_option("--resize-size,--val-resize-size", options.resize_size,
                     "Shorter side after resizing, pixels; by default the "
                     "architecture's usual one");
  command.add_option("--crop-size,--val-crop-size", options.crop_size,
                     "Side of the model's input, pixels; likewise");
  command.add_option("--channels", options.channels, "3: colour, 1: grey");
  command
      .add_option_function<std::string>(
          "--interpolation",
          [&options](const std::string& name) {
            options.interpolation = kInterpolations.at(name);
          },
          "How pictures are resized: bilinear or bicubic")
      ->check(CLI::IsMember({"bilinear", "bicubic"}))
      ->default_str("bilinear");
  command
      .add_option("--mean", options.mean,
                  "Mean of each channel, of values in [0, 1]; by default "
                  "ImageNet's")
      ->expected(1, 3)
      ->delimiter(',');
  command
      .add_option("--std", options.std,
                  "Standard deviation of each channel, likewise")
      ->expected(1, 3)
      ->delimiter(',');
}

}  // namespace

void add_convert_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("convert", "Make a model bundle of a weights file");
  const auto options = std::make_shared<ConvertOptions>();
  add_file_options(*command, *options);
  add_preprocessing_options(*command, *options);
  command->callback([options] { convert(*options); });
}

}  // namespace torchclassify
