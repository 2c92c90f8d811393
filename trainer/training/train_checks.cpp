// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/train_checks.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "reporting/text_fields.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void require(bool fits, const char* expected, double got) {
  if (fits)
    return;
  std::ostringstream message;
  message << "expected " << expected << ", got " << got;
  throw Error(ErrorCode::kInvalidArgument, message.str());
}

// The bundle's description is JSON.
void check_names(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    const std::string text = json_string(name);
    if (nlohmann::json::parse(text) != name)
      throw Error(ErrorCode::kBadData,
                  "expected class names in UTF-8, got " + text);
  }
}

}  // namespace

// Each condition is false for NaN.
void check_train_options(const TrainOptions& options) {
  require(options.epochs >= 1, "at least 1 epoch", options.epochs);
  require(options.batch_size >= 1, "a batch size of at least 1",
          options.batch_size);
  require(options.workers >= 1 && options.workers <= 256, "1 to 256 workers",
          options.workers);
  require(options.learning_rate > 0 && options.learning_rate < 1e6,
          "a positive learning rate", options.learning_rate);
  require(options.momentum >= 0 && options.momentum < 1,
          "a momentum from 0 to below 1", options.momentum);
  require(!options.nesterov || options.momentum > 0,
          "a momentum above 0 with nesterov", options.momentum);
  require(options.weight_decay >= 0, "a weight decay of at least 0",
          options.weight_decay);
  require(options.label_smoothing >= 0 && options.label_smoothing < 1,
          "a label smoothing from 0 to below 1", options.label_smoothing);
  require(options.warmup_epochs >= 0, "at least 0 warm-up epochs",
          options.warmup_epochs);
  require(options.schedule_step_epochs >= 1,
          "a schedule step of at least 1 epoch", options.schedule_step_epochs);
  require(options.schedule_factor > 0 && options.schedule_factor <= 1,
          "a schedule factor above 0 and at most 1", options.schedule_factor);
  const AugmentOptions& augment = options.augment;
  require(augment.shift >= 0, "a shift of at least 0 pixels", augment.shift);
  require(augment.scale >= 0 && augment.scale < 1,
          "a random scale from 0 to below 1", augment.scale);
  require(augment.degrees >= 0 && augment.degrees <= 180,
          "a random rotation from 0 to 180 degrees", augment.degrees);
  require(augment.brightness >= 0 && augment.brightness <= 1,
          "a random brightness from 0 to 1", augment.brightness);
  require(augment.contrast >= 0 && augment.contrast <= 1,
          "a random contrast from 0 to 1", augment.contrast);
}

void check_train_sets(const Dataset& training, const Dataset* validation) {
  const auto& classes = training.classes();
  if (classes.size() < 2)
    throw Error(ErrorCode::kBadData, "expected at least two classes, got " +
                                         std::to_string(classes.size()));
  check_names(classes);
  std::vector<std::size_t> counts(classes.size());
  for (std::size_t i = 0; i < training.size(); ++i)
    ++counts[static_cast<std::size_t>(training.label(i))];
  for (std::size_t label = 0; label < classes.size(); ++label) {
    if (counts[label] == 0)
      throw Error(ErrorCode::kBadData,
                  "expected training pictures of every class, got none of \"" +
                      classes[label] + "\"");
  }
  if (validation && validation->size() == 0)
    throw Error(ErrorCode::kBadData, "expected validation pictures, got none");
  if (validation && validation->classes() != classes)
    throw Error(ErrorCode::kBadData,
                "expected the validation set to have the training set's " +
                    std::to_string(classes.size()) +
                    " classes, got other ones");
}

}  // namespace torchclassify
