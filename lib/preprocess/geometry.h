// SPDX-License-Identifier: LGPL-2.1-or-later
// How large the resized picture is and where the model's input lies in it.
#pragma once

#include <cstdint>

#include "torchclassify/model_info.h"

namespace torchclassify {

// One axis: a picture of source pixels is resized to resized pixels, of which
// the input takes size pixels from first on; what lies outside is padding.
struct Axis {
  std::int64_t source;
  std::int64_t resized;
  std::int64_t first;  // may be negative
  int size;

  bool operator==(const Axis&) const = default;
};

struct Geometry {
  Axis x;
  Axis y;

  bool operator==(const Geometry&) const = default;
};

// Where CenterCrop begins: negative where the crop is the larger.
std::int64_t centre_offset(std::int64_t resized, int crop);

// As torchvision.transforms.Resize and CenterCrop compute it for PIL pictures.
Geometry geometry_of(int width, int height, const Preprocessing& preprocessing);

}  // namespace torchclassify
