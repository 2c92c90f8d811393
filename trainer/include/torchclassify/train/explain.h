// SPDX-License-Identifier: LGPL-2.1-or-later
// Where in a picture a model saw what it says: Grad-CAM (Selvaraju et al.
// 2017).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

struct HeatMap {
  int width = 0;              // pixels: the model's input crop
  int height = 0;             // likewise
  std::vector<float> values;  // [height, width] in [0, 1]
};

struct Explanation {
  int label_id = 0;
  std::string label;      // the bundle's name for it
  double confidence = 0;  // in that class, as the model's classifier gives it
  // What speaks for that class. The largest value is 1, unless nothing in the
  // picture does: then all are 0.
  HeatMap map;
};

inline constexpr int kPredictedClass = -1;

// One thread at a time. Calculates in float32.
class Explainer {
 public:
  // device: auto, cpu, cuda or cuda:N. Throws Error as a Classifier does when
  // it opens a bundle; kUnsupported for a model that is code, for what happens
  // inside that is not known.
  explicit Explainer(const std::filesystem::path& bundle,
                     const std::string& device = "cpu");
  ~Explainer();
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;

  const ModelInfo& info() const;

  // label_id: a class of the model, or kPredictedClass for the one with the
  // largest logit. Throws Error kInvalidArgument for another one or a picture
  // without pixels, kBadData if the model's answer or its gradient is NaN or
  // infinite, kOutOfMemory.
  Explanation explain(const Picture& picture, int label_id = kPredictedClass);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What the model gets of a picture, before it is normalised: RGB, of the crop's
// size. Throws Error kInvalidArgument for a picture without pixels.
Picture model_view(const Picture& picture, const Preprocessing& preprocessing);

// That under the map: what is warm has the map's colours (dark violet over
// orange to light yellow), the more the warmer, what is cold stays as it is.
// Throws Error kInvalidArgument also for a map of another size than the crop,
// or with values outside [0, 1].
Picture overlay(const Picture& picture, const Preprocessing& preprocessing,
                const HeatMap& map);

// The same on the whole picture, in its own size. What lies outside the crop,
// and the model thus does not get, is darkened.
Picture whole_overlay(const Picture& picture,
                      const Preprocessing& preprocessing, const HeatMap& map);

// A PNG file's bytes.
std::vector<std::uint8_t> encode_png(const Picture& picture);

}  // namespace torchclassify
