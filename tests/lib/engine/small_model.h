// SPDX-License-Identifier: LGPL-2.1-or-later
// A model that is made, written and run in milliseconds.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/self_check.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"
#include "torchclassify/image.h"
#include "torchclassify/model_info.h"

namespace support {

// A simple_cnn of 8x8 pixels and three classes: stop, yield, priority.
torchclassify::ModelInfo small_info();

// Two pictures with different numbers differ in nearly every byte.
torchclassify::Picture8 numbered_picture(int number);

// A simple_cnn for small_info(), its weights by formula: logits of about 1.
class SmallModel {
 public:
  SmallModel();
  ~SmallModel();

  // All elements of conv1.weight, conv1.bias, fc.weight or fc.bias.
  void set_all(const std::string& name, float value);

  // With a self-check, as the trainer writes it.
  void save(const std::filesystem::path& path,
            const torchclassify::ModelInfo& info = small_info()) const;
  // With info as it is, whatever the weights are.
  void save_as_it_is(const std::filesystem::path& path,
                     const torchclassify::ModelInfo& info = small_info()) const;

  // The module's own, for the picture as the reference preprocesses it.
  std::vector<float> logits(const torchclassify::ImageView& picture) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

void assert_near(const std::vector<float>& got,
                 const std::vector<float>& expected, float tolerance);

// A written model and how to open it.
struct SavedModel {
  SavedModel() { module.save(file); }
  torchclassify::ClassifierOptions options() const {
    return {.model_file = file.string(), .device = "cpu", .workers = 1};
  }
  std::unique_ptr<torchclassify::Classifier> open() const {
    return torchclassify::open_classifier(options());
  }

  TemporaryFolder folder;
  std::filesystem::path file = folder / "model.safetensors";
  SmallModel module;
};

}  // namespace support
