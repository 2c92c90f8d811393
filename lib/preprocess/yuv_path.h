// SPDX-License-Identifier: LGPL-2.1-or-later
// The fast path for Y'CbCr formats: planes are resized, then colours converted.
#pragma once

#include <optional>
#include <vector>

#include "preprocess/geometry.h"
#include "preprocess/normalise.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/tap_table.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Resizing and the colour matrix are both linear, so their order only matters
// for rounding and clipping. A chroma sample stands for all its pixels, as in
// the reference: its weight is the sum of theirs. Columns go first: whole rows
// of bytes are what processors add fastest.
class YuvPath {
 public:
  explicit YuvPath(const Preprocessing& preprocessing);

  // image: checked, YUV. output: as preprocess_reference().
  void run(const ImageView& image, float* output);

 private:
  // A component's way into the crop: [outputs down, outputs across] floats.
  struct ComponentPath {
    TapTable<float> across;
    TapTable<float> down;
    std::vector<float> resized;
  };

  void prepare(const ImageView& image);
  void resize(const ImageView& image, int component);
  void write(const ImageView& image, float* output);

  const Preprocessing preprocessing_;
  const Normaliser normaliser_;

  // Of the tables below, as which pixel of a chroma sample's the picture
  // begins.
  std::optional<Geometry> geometry_;
  PixelFormat format_{};
  int phase_x_ = 0;
  int phase_y_ = 0;
  PixelLayout layout_{};
  std::vector<ComponentPath> components_;
  std::vector<float> sums_;     // one source row of a plane's bytes
  std::vector<float> samples_;  // one component of a group of such rows
  std::vector<float> group_;    // the same, resized across
};

}  // namespace torchclassify
