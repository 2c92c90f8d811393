// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/turn.h"

#include <algorithm>
#include <cmath>

namespace torchclassify {
namespace {

int whole_pixels(double side) {
  return std::clamp(static_cast<int>(std::lround(side)), 1, kMaxImageSide);
}

}  // namespace

Turn::Turn(const ImageView& image) {
  const TurnedBox& box = *image.turned;
  const double cosine = std::cos(box.rotation);
  const double sine = std::sin(box.rotation);
  width = whole_pixels(box.width);
  height = whole_pixels(box.height);
  across = {cosine * (box.width / width), sine * (box.width / width)};
  down = {-sine * (box.height / height), cosine * (box.height / height)};
  corner = {
      box.center_x - image.x - cosine * box.width / 2 + sine * box.height / 2,
      box.center_y - image.y - sine * box.width / 2 - cosine * box.height / 2};
}

}  // namespace torchclassify
