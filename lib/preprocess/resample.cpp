// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/resample.h"

#include <algorithm>
#include <cmath>

namespace torchclassify {
namespace {

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

struct Filter {
  double (*weight)(double);
  double support;
};

Filter filter_of(Interpolation interpolation) {
  if (interpolation == Interpolation::kBicubic)
    return {bicubic, 2.0};
  return {bilinear, 1.0};
}

// precompute_coeffs() of Pillow for one output pixel.
Taps taps_at(std::int64_t position, const Axis& axis, const Filter& filter) {
  const double scale =
      static_cast<double>(axis.source) / static_cast<double>(axis.resized);
  const double filter_scale = std::max(scale, 1.0);
  const double support = filter.support * filter_scale;
  const double step = 1.0 / filter_scale;
  const double centre = (static_cast<double>(position) + 0.5) * scale;
  const auto first =
      static_cast<std::int64_t>(std::max(0.0, centre - support + 0.5));
  const auto last = std::min<std::int64_t>(
      static_cast<std::int64_t>(centre + support + 0.5), axis.source);

  Taps taps{first, {}};
  double sum = 0.0;
  for (std::int64_t x = 0; x < last - first; ++x) {
    const double weight =
        filter.weight((static_cast<double>(x + first) - centre + 0.5) * step);
    taps.weights.push_back(weight);
    sum += weight;
  }
  for (double& weight : taps.weights) {
    if (sum != 0.0)
      weight /= sum;
  }
  return taps;
}

}  // namespace

std::vector<Taps> resample_taps(const Axis& axis, Interpolation interpolation) {
  const Filter filter = filter_of(interpolation);
  const std::int64_t begin = std::max<std::int64_t>(axis.first, 0);
  const std::int64_t end = std::min(axis.first + axis.size, axis.resized);
  std::vector<Taps> taps;
  for (std::int64_t position = begin; position < end; ++position) {
    if (axis.source == axis.resized)  // Pillow leaves this axis alone
      taps.push_back({position, {1.0}});
    else
      taps.push_back(taps_at(position, axis, filter));
  }
  return taps;
}

std::int32_t fixed_weight(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace torchclassify
