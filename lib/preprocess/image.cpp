// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/image.h"

#include <cmath>
#include <string>

#include "preprocess/pixel_layout.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

void check_plane(const Plane& plane, int index, const PlaneSize& size) {
  const std::string name = "plane " + std::to_string(index);
  if (!plane.data)
    refuse("expected pixels for " + name + ", got none");
  if (size.rows > 1 && plane.stride < size.row_bytes)
    refuse("expected a stride of at least " + std::to_string(size.row_bytes) +
           " bytes for " + name + ", got " + std::to_string(plane.stride));
  std::ptrdiff_t needed = 0;
  const bool overflow =
      __builtin_mul_overflow(plane.stride, size.rows - 1, &needed) ||
      __builtin_add_overflow(needed, size.row_bytes, &needed);
  if (overflow || static_cast<std::size_t>(needed) > plane.size)
    refuse("expected " + std::to_string(size.rows) + " rows of stride " +
           std::to_string(plane.stride) + " in " + name + ", got only " +
           std::to_string(plane.size) + " bytes");
}

void check_turned(const TurnedBox& box) {
  const bool usable = std::isfinite(box.center_x) &&
                      std::isfinite(box.center_y) &&
                      std::isfinite(box.rotation) && box.width > 0 &&
                      box.width <= kMaxImageSide && box.height > 0 &&
                      box.height <= kMaxImageSide;
  if (!usable)
    refuse("expected a turned rectangle of up to " +
           std::to_string(kMaxImageSide) + " pixels a side, got " +
           std::to_string(box.width) + "x" + std::to_string(box.height) +
           " around " + std::to_string(box.center_x) + "," +
           std::to_string(box.center_y) + " turned by " +
           std::to_string(box.rotation));
}

}  // namespace

void check_image(const ImageView& image) {
  if (image.x < 0 || image.y < 0)
    refuse("expected a part at 0,0 or further right and down, got " +
           std::to_string(image.x) + "," + std::to_string(image.y));
  if (image.width < 1 || image.width > kMaxImageSide - image.x ||
      image.height < 1 || image.height > kMaxImageSide - image.y)
    refuse("expected a picture of 1 to " + std::to_string(kMaxImageSide) +
           " pixels a side, got " + std::to_string(image.width) + "x" +
           std::to_string(image.height) + " at " + std::to_string(image.x) +
           "," + std::to_string(image.y));
  const PixelLayout layout = layout_of(image.format);
  for (int i = 0; i < layout.planes; ++i)
    check_plane(image.planes[i], i,
                plane_size(image.format, i, image.x + image.width,
                           image.y + image.height));
  if (image.turned)
    check_turned(*image.turned);
}

}  // namespace torchclassify
