// SPDX-License-Identifier: LGPL-2.1-or-later
// What is written about one finding, line by line.
#pragma once

#include <string>
#include <vector>

#include "colors.h"
#include "findings.h"

namespace torchclassify::overlay {

inline constexpr std::size_t kMostRows = 32;  // of one finding

enum Draw : unsigned {
  kDrawFrameLabels = 1 << 0,
  kDrawObjectLabels = 1 << 1,
  kDrawBoxes = 1 << 2,
  kDrawBars = 1 << 3,
  kDrawAll = (1 << 4) - 1,
};

struct Row {
  std::string text;
  std::string value;         // "87 %", or empty
  int percent = kNoPercent;  // of the bar; kNoPercent: no bar
  Color color = 0;           // of the bar
  bool heading = false;
  bool operator==(const Row&) const = default;
};

// draw has the bits of Draw; color is that of all classes, 0 = by class. Bars
// are drawn where there is more than one class to compare.
std::vector<Row> rows_of(const Finding& finding, unsigned draw,
                         bool show_confidence, Color color);

// The name that gives the finding its colour.
std::string color_name(const Finding& finding);

}  // namespace torchclassify::overlay
