// SPDX-License-Identifier: LGPL-2.1-or-later
#include "conversion.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <torch/utils.h>

#include "formats/bundle.h"
#include "formats/labels.h"
#include "formats/model_config.h"
#include "formats/weights_file.h"
#include "models/class_names.h"
#include "models/new_head.h"
#include "models/published_weights.h"
#include "models/recognise.h"
#include "models/save.h"
#include "models/weight_names.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// torchvision's ImageClassification preset at the architecture's size; small
// pictures are resized to the input size itself.
Preprocessing usual_preprocessing(const std::string& architecture) {
  constexpr int kImageNetSize = 224;
  const auto size =
      static_cast<int>(nn::find_architecture(architecture).input_size);
  Preprocessing preprocessing;
  preprocessing.crop_width = preprocessing.crop_height = size;
  preprocessing.resize_size = size == kImageNetSize ? 256 : size;
  return preprocessing;
}

const PublishedWeights* find_published(const ConversionOptions& options) {
  if (!options.weights.empty())
    return &find_published_weights(options.weights);
  return find_published_file(
      std::filesystem::path(options.file).filename().string());
}

std::string spelling(const PublishedWeights& weights) {
  return weights.architecture + ":" + weights.name;
}

// The weights must have this side, so pictures are brought to it.
void fit_input_size(std::int64_t size, Preprocessing& preprocessing) {
  if (size == 0 ||
      (preprocessing.crop_width == size && preprocessing.crop_height == size))
    return;
  preprocessing.crop_width = preprocessing.crop_height = static_cast<int>(size);
  preprocessing.resize_size = static_cast<int>(size);
}

void apply(const PreprocessingChoices& choices, Preprocessing& preprocessing) {
  if (choices.crop_size)
    preprocessing.crop_width = preprocessing.crop_height = *choices.crop_size;
  if (choices.resize_size)
    preprocessing.resize_size = *choices.resize_size;
  else if (choices.crop_size)  // no bars around the resized picture
    preprocessing.resize_size =
        std::max(*choices.crop_size, preprocessing.resize_size);
  if (choices.channels)
    preprocessing.channels = *choices.channels;
  if (choices.interpolation)
    preprocessing.interpolation = *choices.interpolation;
  if (!choices.mean.empty())
    preprocessing.mean = choices.mean;
  if (!choices.std.empty())
    preprocessing.std = choices.std;
}

// One conversion, step by step: each uses what the ones before found out.
class Conversion {
 public:
  explicit Conversion(const ConversionOptions& options)
      : options_(options), file_(options.file) {}

  ConversionReport run() {
    read_file();
    find_model();
    find_preprocessing();
    find_classes();
    const auto module = create_model(info());
    if (report_.new_head)
      tensors_ =
          with_new_head(std::move(tensors_), *module, info().architecture);
    report_.tensors = tensors_.size();  // all of them, or none is loaded
    load_state_dict(*module, std::move(tensors_), options_.file);
    save_bundle(options_.output, info(), *module, options_.dtype);
    return std::move(report_);
  }

 private:
  ModelInfo& info() { return report_.info; }

  void read_file() {
    report_.format = format_name(file_.format());
    RenamedWeights renamed =
        torchvision_names(as_tensors(file_), options_.file);
    report_.naming = naming_name(renamed.naming);
    tensors_ = std::move(renamed.tensors);
    published_ = find_published(options_);
    config_ = read_model_config(options_.file);
    const auto json = file_.metadata().find(kBundleKey);
    is_bundle_ = json != file_.metadata().end();
    if (is_bundle_)
      info() = parse_model_info(json->second, options_.file);
    else
      info().provenance["converted_from"] =
          std::filesystem::path(options_.file).filename().string();
    if (published_)
      info().provenance["weights"] = spelling(*published_);
  }

  void find_model() {
    if (!options_.model.empty())
      info().architecture = options_.model;
    else if (info().architecture.empty() && published_)
      info().architecture = published_->architecture;
    recognised_ = recognise_model(tensors_, info().architecture);
    if (info().architecture.empty())
      info().architecture = recognised_.architecture;
    if (info().architecture.empty())
      throw Error(ErrorCode::kInvalidArgument,
                  "expected --model, for the tensors' names fit no "
                  "architecture or several: " +
                      options_.file);
    for (const auto& [name, value] : recognised_.architecture_options)
      info().architecture_options[name] = value;
    if (published_ && published_->architecture == info().architecture)
      info().architecture_options.insert(
          published_->architecture_options.begin(),
          published_->architecture_options.end());
  }

  void find_preprocessing() {
    Preprocessing& preprocessing = info().preprocessing;
    if (is_bundle_) {
      report_.preprocessing_origin = "the bundle";
    } else if (published_) {
      preprocessing = published_->preprocessing;
      report_.preprocessing_origin = spelling(*published_);
    } else if (config_ && config_->preprocessing) {
      preprocessing = *config_->preprocessing;
      report_.preprocessing_origin = "config.json";
    } else {
      preprocessing = usual_preprocessing(info().architecture);
      report_.preprocessing_origin = "the architecture's usual";
    }
    if (recognised_.channels == 1 && preprocessing.channels == 3)
      use_grey(preprocessing);
    fit_input_size(recognised_.input_size, preprocessing);
    apply(options_.preprocessing, preprocessing);
  }

  // Nobody has said with which mean: the middle of ImageNet's.
  static void use_grey(Preprocessing& preprocessing) {
    preprocessing.channels = 1;
    preprocessing.mean = {preprocessing.mean[1]};
    preprocessing.std = {preprocessing.std[1]};
  }

  void find_classes() {
    if (!options_.classes_file.empty())
      info().classes = read_labels(options_.classes_file);
    else if (info().classes.empty())
      info().classes = known_classes();
    if (info().classes.empty())
      throw Error(
          ErrorCode::kInvalidArgument,
          "expected --classes, for the file names none: " + options_.file);
    const auto count = static_cast<std::int64_t>(info().classes.size());
    const bool as_trained = count == recognised_.classes;
    if (options_.allow_partial && !as_trained)
      take_new_head();
    else if (recognised_.classes != 0 && !as_trained)
      throw Error(ErrorCode::kBadData,
                  "expected " + std::to_string(recognised_.classes) +
                      " class names, as the last layer has rows, got " +
                      std::to_string(count) +
                      " (--allow-partial makes a new head): " + options_.file);
  }

  std::vector<std::string> known_classes() const {
    if (config_ && !config_->classes.empty())
      return config_->classes;
    if (!published_)
      return {};
    auto names = class_names_of(*published_);
    if (recognised_.classes != 0 &&
        std::cmp_not_equal(names.size(), recognised_.classes))
      names.clear();  // somebody has trained them on
    return names;
  }

  void take_new_head() {
    report_.new_head = true;
    info().self_check = {};
    if (has_auxiliary_heads(tensors_))
      info().architecture_options["aux_logits"] = 0;
  }

  const ConversionOptions& options_;
  const WeightsFile file_;
  NamedTensors tensors_;  // borrow from file_
  const PublishedWeights* published_ = nullptr;
  std::optional<ModelConfig> config_;
  bool is_bundle_ = false;
  RecognisedModel recognised_;
  ConversionReport report_;
};

}  // namespace

ConversionReport convert_weights(const ConversionOptions& options) {
  return Conversion(options).run();
}

}  // namespace torchclassify
