// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/operation.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "augment/byte_table.h"
#include "augment/color_change.h"

namespace torchclassify {
namespace {

double degrees_of_slope(double slope) {
  return std::atan(slope) * (180.0 / std::numbers::pi);
}

AffineMatrix matrix_of(Operation operation, double magnitude,
                       const Picture& picture) {
  // Shears leave the upper left corner where it is.
  if (operation == Operation::kShearX)
    return affine_matrix({.shear_x = degrees_of_slope(magnitude)}, 0, 0);
  if (operation == Operation::kShearY)
    return affine_matrix({.shear_y = degrees_of_slope(magnitude)}, 0, 0);
  AffineChange change;
  (operation == Operation::kTranslateX ? change.translate_x
                                       : change.translate_y) =
      std::trunc(magnitude);
  return affine_matrix(change, picture.width * 0.5, picture.height * 0.5);
}

using TableOfHistogram = ByteTable (*)(const Histogram&);

void apply_by_histogram(TableOfHistogram table_of, Picture& picture) {
  Histograms histograms;
  ByteTables tables;
  count_bytes(picture, histograms);
  for (int i = 0; i < picture.channels; ++i)
    tables[i] = table_of(histograms[i]);
  apply_tables(tables, picture);
}

}  // namespace

void apply_operation(Operation operation, double magnitude, SampleKind sampling,
                     Picture& picture, Picture& scratch) {
  switch (operation) {
    case Operation::kIdentity:
      return;
    case Operation::kShearX:
    case Operation::kShearY:
    case Operation::kTranslateX:
    case Operation::kTranslateY:
      affine(picture, matrix_of(operation, magnitude, picture), sampling,
             Border::kBlack, scratch);
      return std::swap(picture, scratch);
    case Operation::kRotate:
      rotate(picture, magnitude, sampling, scratch);
      return std::swap(picture, scratch);
    case Operation::kBrightness:
      return apply_table(brightness_table(1 + magnitude), picture);
    case Operation::kColor:
      return change_saturation(1 + magnitude, picture);
    case Operation::kContrast:
      return apply_table(contrast_table(1 + magnitude, mean_luma(picture)),
                         picture);
    case Operation::kSharpness:
      sharpen(picture, 1 + magnitude, scratch);
      return std::swap(picture, scratch);
    case Operation::kPosterize:
      return apply_table(posterize_table(static_cast<int>(magnitude)), picture);
    case Operation::kSolarize:
      return apply_table(solarize_table(magnitude), picture);
    case Operation::kAutoContrast:
      return apply_by_histogram(autocontrast_table, picture);
    case Operation::kEqualize:
      return apply_by_histogram(equalize_table, picture);
    case Operation::kInvert:
      return apply_table(invert_table(), picture);
  }
}

}  // namespace torchclassify
