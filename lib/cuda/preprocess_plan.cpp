// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cuda/preprocess_plan.h"

#include <algorithm>
#include <cmath>

#include "preprocess/color.h"
#include "preprocess/geometry.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/preprocess.h"
#include "preprocess/turn.h"

namespace torchclassify::cuda {
namespace {

Source source_of(const ImageView& image) {
  const PixelLayout layout = layout_of(image.format);
  const YuvToRgb matrix = yuv_to_rgb(image.matrix, image.range);
  Source source{};
  for (int i = 0; i < layout.components; ++i) {
    const Component& component = layout.component[i];
    const Plane& plane = image.planes[component.plane];
    source.samples[i] = {plane.data,     plane.stride,      component.offset,
                         component.step, component.shift_x, component.shift_y};
  }
  source.components = layout.components;
  source.yuv = layout.yuv;
  source.limited = image.range == ColorRange::kLimited;
  source.y_offset = matrix.y_offset;
  source.y_scale = matrix.y_scale;
  std::copy(matrix.u.begin(), matrix.u.end(), source.u);
  std::copy(matrix.v.begin(), matrix.v.end(), source.v);
  source.x = image.x;
  source.y = image.y;
  source.width = image.width;
  source.height = image.height;
  return source;
}

int most_taps_of(const Axis& axis, Interpolation interpolation) {
  const double scale =
      static_cast<double>(axis.source) / static_cast<double>(axis.resized);
  const double support =
      (interpolation == Interpolation::kBicubic ? 2 : 1) * std::max(scale, 1.0);
  return 2 * static_cast<int>(std::ceil(support)) + 1;
}

class Planner {
 public:
  explicit Planner(const Preprocessing& preprocessing)
      : preprocessing_(preprocessing) {
    Input& input = plan_.input;
    input.width = preprocessing.crop_width;
    input.height = preprocessing.crop_height;
    input.channels = preprocessing.channels;
    input.bicubic = preprocessing.interpolation == Interpolation::kBicubic;
    input.pad_value = preprocessing.pad_value;
    std::copy(preprocessing.mean.begin(), preprocessing.mean.end(), input.mean);
    std::copy(preprocessing.std.begin(), preprocessing.std.end(), input.std);
  }

  void add(const ImageView& image) {
    Picture picture{
        .source = source_of(image), .x = {}, .y = {}, .upright = -1};
    int width = image.width;
    int height = image.height;
    if (image.turned) {
      const TurnedPart part = turned_part(image);
      picture.upright = part.pixels;
      width = part.width;
      height = part.height;
      plan_.turned.push_back(part);
    }
    const Geometry geometry = geometry_of(width, height, preprocessing_);
    picture.x = resized(geometry.x);
    picture.y = resized(geometry.y);
    plan_.pictures.push_back(picture);
  }

  PreprocessPlan take() { return std::move(plan_); }

 private:
  ResizedAxis resized(const Axis& axis) {
    const std::int64_t begin = std::max<std::int64_t>(axis.first, 0);
    const std::int64_t end = std::min(axis.first + axis.size, axis.resized);
    ResizedAxis to{};
    to.source = static_cast<int>(axis.source);
    to.resized = static_cast<int>(axis.resized);
    to.begin = static_cast<int>(begin);
    to.count = static_cast<int>(std::max<std::int64_t>(0, end - begin));
    to.place = static_cast<int>(std::max<std::int64_t>(0, -axis.first));
    to.most_taps = most_taps_of(axis, preprocessing_.interpolation);
    to.first_tap = plan_.taps;
    to.weights = plan_.weights;
    plan_.taps += to.count;
    plan_.weights += std::int64_t{to.count} * to.most_taps;
    return to;
  }

  TurnedPart turned_part(const ImageView& image) {
    const Turn turn(image);
    TurnedPart part{};
    part.source = source_of(image);
    part.across[0] = turn.across.x;
    part.across[1] = turn.across.y;
    part.down[0] = turn.down.x;
    part.down[1] = turn.down.y;
    part.corner[0] = turn.corner.x;
    part.corner[1] = turn.corner.y;
    part.width = turn.width;
    part.height = turn.height;
    part.pixels = plan_.upright_bytes;
    const int pixels = part.width * part.height;
    plan_.upright_bytes += std::int64_t{3} * pixels;
    plan_.most_turned_pixels = std::max(plan_.most_turned_pixels, pixels);
    return part;
  }

  const Preprocessing& preprocessing_;
  PreprocessPlan plan_;
};

}  // namespace

PreprocessPlan make_preprocess_plan(std::span<const ImageView> images,
                                    const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  Planner planner(preprocessing);
  for (const ImageView& image : images) planner.add(image);
  return planner.take();
}

}  // namespace torchclassify::cuda
