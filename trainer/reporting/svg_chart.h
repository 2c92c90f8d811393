// SPDX-License-Identifier: LGPL-2.1-or-later
// Charts as SVG: axes with ticks, lines, areas, dots and bars.
#pragma once

#include <string>
#include <vector>

namespace torchclassify {

struct ChartPoint {
  double x = 0, y = 0;  // in the axes' units; not finite: left out
};

enum class Draw {
  kLine,
  kSteps,  // up or down first, then along to the point
  kArea,   // closed and filled
  kDots,
};

// How a series looks is its CSS class, in the report's style.
struct ChartSeries {
  std::string name;  // in the legend; empty: not in it
  std::string css_class;
  std::vector<ChartPoint> points;
  Draw draw = Draw::kLine;
  std::vector<std::string> tooltips;  // a dot each; one per point or none
  std::string attributes;             // of its path, as HTML
};

struct ChartBar {
  double left = 0, right = 0, low = 0, high = 0;  // in the axes' units
  std::string css_class, tooltip;
};

struct ChartAxis {
  std::string name;
  double low = 0, high = 1;  // low < high
  bool percent = false;      // ticks are shares of 1
  bool whole = false;        // ticks are whole numbers
  bool logarithmic = false;  // low > 0 then
};

struct Chart {
  std::string id;  // a word, unique in the document
  std::string title;
  std::string description;  // what is to be seen, for those who cannot see it
  ChartAxis x, y;
  std::vector<ChartBar> bars;  // below the series
  std::vector<ChartSeries> series;
};

// A figure with its heading and, where series have names, a legend.
std::string to_figure(const Chart& chart);

// The same as an SVG file (XML) with a style of its own, which knows of the
// classes one, two, three, mark and faint.
std::string to_svg_document(const Chart& chart);

// Round values from low to high, about five: where an axis has its ticks.
std::vector<double> ticks(const ChartAxis& axis);

// The next round value that is no smaller, for an axis to end at; 1 for what is
// not positive.
double round_up(double value);

// At most this many points that look the same when drawn where both axes are
// scale.x and scale.y long: those too near to the one before are left out, the
// first and the last never. most is at least 2.
std::vector<ChartPoint> thinned(const std::vector<ChartPoint>& points,
                                std::size_t most, ChartPoint scale = {1, 1});

}  // namespace torchclassify
