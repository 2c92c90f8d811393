// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify convert`: a weights file becomes a model bundle.
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "command.h"
#include "conversion.h"
#include "fetch/fetch_weights.h"
#include "fetch/sha256.h"
#include "models/published_weights.h"
#include "printing.h"

namespace torchclassify {
namespace {

struct ConvertOptions {
  ConversionOptions conversion;
  std::string download;      // published set; empty: a file is given
  std::string cache_folder;  // empty: the user's
  std::string mirror;
};

std::string text_of(const ConversionReport& report, const std::string& output) {
  const Preprocessing& shape = report.info.preprocessing;
  std::string text = output + ": " + report.info.architecture + ", " +
                     std::to_string(report.info.classes.size()) + " classes, " +
                     std::to_string(report.tensors) + " tensors from " +
                     report.format + " with " + report.naming + " names\n";
  text += "preprocessing of " + report.preprocessing_origin + ": resize " +
          std::to_string(shape.resize_size) + ", crop " +
          std::to_string(shape.crop_width) + "x" +
          std::to_string(shape.crop_height) + "\n";
  if (report.new_head)
    text += "the last layer is new: train it before use\n";
  return text;
}

void convert(ConvertOptions options) {
  if (!options.download.empty()) {
    const PublishedWeights& weights = find_published_weights(options.download);
    options.conversion.file =
        fetch_weights(weights, {.folder = options.cache_folder,
                                .mirror = options.mirror,
                                .show_progress = true})
            .string();
    options.conversion.weights = options.download;
  } else {
    check_sha256_in_name(options.conversion.file);
  }
  const ConversionReport report = convert_weights(options.conversion);
  print(text_of(report, options.conversion.output));
}

const std::map<std::string, torch::Dtype>& dtypes() {
  static const std::map<std::string, torch::Dtype> names = {
      {"bf16", torch::kBFloat16},
      {"fp16", torch::kHalf},
      {"fp32", torch::kFloat32}};
  return names;
}

void add_source_options(CLI::App& command, ConvertOptions& options) {
  auto* sources = command.add_option_group("source");
  sources->add_option("file", options.conversion.file,
                      "Weights: .safetensors, .safetensors.index.json, or "
                      "what torch.save() wrote (.pth .pt .th .bin)");
  sources->add_option("--download", options.download,
                      "Published weights to fetch instead: resnet50 or "
                      "resnet50:IMAGENET1K_V2");
  sources->require_option(1);
  command.add_option("--cache-dir", options.cache_folder,
                     "Where downloaded files are kept; by default the user's "
                     "cache folder");
  command.add_option("--mirror", options.mirror,
                     "Address of a folder with the publisher's files");
}

void add_conversion_options(CLI::App& command, ConversionOptions& options) {
  command.add_option("-o,--output", options.output, "Bundle to write")
      ->required();
  command.add_option("--model", options.model,
                     "Architecture; recognised by its tensors if not given");
  command.add_option("--weights", options.weights,
                     "Published set whose preprocessing and classes the file "
                     "has, as ResNet50_Weights.IMAGENET1K_V2; found by the "
                     "hash in the file's name if not given");
  command.add_option("--classes", options.classes_file,
                     "File of class names, in the order of the logits");
  command.add_flag("--allow-partial", options.allow_partial,
                   "Where --classes has other classes: make a new last layer, "
                   "to be trained");
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

void add_preprocessing_options(CLI::App& command,
                               PreprocessingChoices& options) {
  static const std::map<std::string, Interpolation> kInterpolations = {
      {"bilinear", Interpolation::kBilinear},
      {"bicubic", Interpolation::kBicubic}};
  command.add_option("--resize-size,--val-resize-size", options.resize_size,
                     "Shorter side after resizing, pixels; by default as "
                     "published, or the architecture's usual one");
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
      ->check(CLI::IsMember({"bilinear", "bicubic"}));
  command
      .add_option("--mean", options.mean,
                  "Mean of each channel, of values in [0, 1]; by default as "
                  "published, or ImageNet's")
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
  add_source_options(*command, *options);
  add_conversion_options(*command, options->conversion);
  add_preprocessing_options(*command, options->conversion.preprocessing);
  command->callback([options] { convert(*options); });
}

}  // namespace torchclassify
