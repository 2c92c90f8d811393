// SPDX-License-Identifier: LGPL-2.1-or-later
// A weights file from anywhere becomes a model bundle.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "torchclassify/model_info.h"

namespace torchclassify {

// What is not given comes from the file where it is a bundle, from what is
// published about it, from config.json beside it, or from the architecture.
struct PreprocessingChoices {
  std::optional<int> resize_size;  // pixels
  std::optional<int> crop_size;    // pixels
  std::optional<int> channels;
  std::optional<Interpolation> interpolation;
  std::vector<float> mean;
  std::vector<float> std;
};

struct ConversionOptions {
  std::string file;
  std::string output;
  std::string model;           // architecture; empty: recognised
  std::string weights;         // published set; empty: found by the file's name
  std::string classes_file;    // empty: the names that belong to the weights
  bool allow_partial = false;  // a new head where the classes are others
  PreprocessingChoices preprocessing;
  torch::Dtype dtype = torch::kFloat32;  // of the weights in the bundle
};

// What was done, for the user.
struct ConversionReport {
  ModelInfo info;
  std::string format;       // of the file: "torch.save (zip)"
  std::string naming;       // of its tensors: "timm"
  std::size_t tensors = 0;  // that were matched
  bool new_head = false;    // the last layer is not trained
  std::string preprocessing_origin;
};

// Writes options.output. Throws Error: as WeightsFile, torchvision_names(),
// load_state_dict() and save_bundle() do; kInvalidArgument where something has
// to be given; kBadData for another number of class names than the weights have
// classes.
ConversionReport convert_weights(const ConversionOptions& options);

}  // namespace torchclassify
