// SPDX-License-Identifier: LGPL-2.1-or-later
// Precision-recall and ROC curves of a report's classes, ready to be drawn.
#pragma once

#include <cstddef>
#include <vector>

#include "reporting/svg_chart.h"
#include "torchclassify/train/report.h"

namespace torchclassify {

// From left to right, with at most 300 points each.
struct CurvePair {
  std::vector<ChartPoint> precision_recall;  // x: recall
  std::vector<ChartPoint> roc;               // x: false positive rate
};

struct ClassCurves {
  // Mean of the classes' curves at 101 places: for the ROC the heights between
  // its points, for precision the height of its steps.
  CurvePair macro;
  CurvePair micro;  // over all decisions; empty where those are too many
  std::vector<std::size_t> classes;  // those with curves of their own, by ids
  std::vector<CurvePair> own;
};

// For up to 50 classes all that have an average precision get their own
// curves, of more only the 20 worst by it.
ClassCurves class_curves(const Report& report);

}  // namespace torchclassify
