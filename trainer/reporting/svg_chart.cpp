// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "reporting/html.h"
#include "reporting/number_text.h"

namespace torchclassify {
namespace {

// In the units of the viewBox, about a pixel on a phone.
constexpr double kWidth = 340, kHeight = 250;
constexpr double kLeft = 46, kRight = 328, kTop = 24, kBottom = 212;
constexpr double kDotRadius = 2.5;
// Of a document of its own: around the plot.
constexpr double kHeading = 24, kLegendRow = 16, kSwatch = 22;
// What the report's style says, for light pages.
constexpr char kDocumentStyle[] =
    "svg{background:#fff;font-family:system-ui,sans-serif}"
    "text{fill:#55606d;font-size:11px}.name,.heading{fill:#17202a}"
    ".heading{font-size:14px;font-weight:600}"
    "path{fill:none;stroke-width:2;stroke-linejoin:round}"
    ".grid{stroke:#d5dbe2;stroke-width:1}.one{stroke:#0a5cb8}"
    ".two{stroke:#b8480a;stroke-dasharray:7 3}.three{stroke:#0b7a5a}"
    ".mark{stroke:#55606d;stroke-width:1.5;stroke-dasharray:2 4}"
    ".faint{stroke:#8793a1;stroke-width:1;opacity:.7}";

std::string coordinate(double value) {
  std::string text = fixed(value, 1);
  if (text.ends_with(".0"))
    text.resize(text.size() - 2);
  return text;
}

std::string place(double x, double y) {
  return coordinate(x) + " " + coordinate(y);
}

// 0 at the axis's low end, 1 at its high one.
double position(const ChartAxis& axis, double value) {
  if (axis.logarithmic)
    return std::log(value / axis.low) / std::log(axis.high / axis.low);
  return (value - axis.low) / (axis.high - axis.low);
}

std::string tick_text(const ChartAxis& axis, double value) {
  return axis.percent ? significant(100 * value, 6) + "\u00a0%"
                      : significant(value, 6);
}

// Quoted: a document of its own is XML.
std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}

std::string text_at(double x, double y, const std::string& attributes,
                    const std::string& text) {
  return tag("text" + attribute("x", coordinate(x)) +
                 attribute("y", coordinate(y)) + attributes,
             escape(text));
}

std::string path(const std::string& css_class, const std::string& attributes,
                 const std::string& commands) {
  return "<path class=\"" + css_class + "\" " + attributes + " d=\"" +
         commands + "\"/>";
}

std::string tooltip(const std::string& text) {
  return tag("title", escape(text));
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {}

  // The svg element's attributes but for its viewBox, and what is in it.
  std::string labels() const {
    return attribute("role", "img") +
           attribute("aria-labelledby", chart_.id + "-t " + chart_.id + "-d");
  }
  std::string content() const {
    std::string content =
        tag("title" + attribute("id", chart_.id + "-t"), escape(chart_.title)) +
        tag("desc" + attribute("id", chart_.id + "-d"),
            escape(chart_.description)) +
        axes();
    for (const ChartBar& bar : chart_.bars) content += drawn(bar);
    for (const ChartSeries& series : chart_.series) content += drawn(series);
    return content;
  }

  std::string svg() const {
    return tag("svg" +
                   attribute("viewBox", "0 0 " + coordinate(kWidth) + " " +
                                            coordinate(kHeight)) +
                   labels(),
               content());
  }

 private:
  double x(double value) const {
    return kLeft + position(chart_.x, value) * (kRight - kLeft);
  }
  double y(double value) const {
    return kBottom - position(chart_.y, value) * (kBottom - kTop);
  }

  std::string axes() const {
    std::string grid;
    std::string texts;
    for (const double tick : ticks(chart_.y)) {
      grid.append("M").append(place(kLeft, y(tick)));
      grid.append("H").append(coordinate(kRight));
      texts += text_at(kLeft - 5, y(tick) + 4, attribute("text-anchor", "end"),
                       tick_text(chart_.y, tick));
    }
    for (const double tick : ticks(chart_.x)) {
      grid.append("M").append(place(x(tick), kBottom)).append("v4");
      texts +=
          text_at(x(tick), kBottom + 16, attribute("text-anchor", "middle"),
                  tick_text(chart_.x, tick));
    }
    return path("grid", "", grid) + texts +
           text_at(4, 12, attribute("class", "name"), chart_.y.name) +
           text_at(
               (kLeft + kRight) / 2, kHeight - 6,
               attribute("class", "name") + attribute("text-anchor", "middle"),
               chart_.x.name);
  }

  std::string drawn(const ChartBar& bar) const {
    const double top = y(bar.high);
    return tag("rect" + attribute("class", bar.css_class) +
                   attribute("x", coordinate(x(bar.left))) +
                   attribute("y", coordinate(top)) +
                   attribute("width", fixed(x(bar.right) - x(bar.left), 2)) +
                   attribute("height", coordinate(y(bar.low) - top)),
               tooltip(bar.tooltip));
  }

  std::string drawn(const ChartSeries& series) const {
    std::string svg;
    if (series.draw != Draw::kDots)
      svg = path(series.css_class, series.attributes, commands(series));
    std::string dots;
    for (std::size_t i = 0; i < series.tooltips.size(); ++i) {
      const ChartPoint& point = series.points.at(i);
      if (std::isfinite(point.x) && std::isfinite(point.y))
        dots += tag("circle" + attribute("cx", coordinate(x(point.x))) +
                        attribute("cy", coordinate(y(point.y))) +
                        attribute("r", fixed(kDotRadius, 1)),
                    tooltip(series.tooltips[i]));
    }
    return dots.empty()
               ? svg
               : svg + tag("g class=\"dots " + series.css_class + "\"", dots);
  }

  std::string commands(const ChartSeries& series) const {
    std::string text;
    for (const ChartPoint& point : series.points) {
      if (!std::isfinite(point.x) || !std::isfinite(point.y))
        continue;
      const std::string across = coordinate(x(point.x));
      const std::string up = coordinate(y(point.y));
      if (text.empty())
        text = "M" + across + " " + up;
      else if (series.draw == Draw::kSteps)
        text += "V" + up + "H" + across;
      else
        text += "L" + across + " " + up;
    }
    return series.draw == Draw::kArea && !text.empty() ? text + "Z" : text;
  }

  const Chart& chart_;
};

std::string legend(const Chart& chart) {
  std::string items;
  for (const ChartSeries& series : chart.series) {
    if (series.name.empty())
      continue;
    const bool line = series.draw == Draw::kLine || series.draw == Draw::kSteps;
    const std::string swatch =
        line ? "<path class=\"" + series.css_class + "\" d=\"M0 5H22\"/>"
             : "<rect class=\"" + series.css_class + "\" width=22 height=10 />";
    items += tag(
        "li",
        tag("svg class=swatch viewBox=\"0 0 22 10\" aria-hidden=true", swatch) +
            escape(series.name));
  }
  return items.empty() ? "" : tag("figcaption", tag("ul class=legend", items));
}

// 1, 2 or 5 times a power of ten: the least that is no smaller.
double round_step(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    // A step that is round already must not grow by an error of rounding.
    if (value <= factor * power * (1 + 1e-9))
      return factor * power;
  }
  return 10 * power;
}

double distance(const ChartPoint& a, const ChartPoint& b,
                const ChartPoint& scale) {
  return std::max(std::abs(a.x - b.x) / scale.x, std::abs(a.y - b.y) / scale.y);
}

std::vector<ChartPoint> spaced(const std::vector<ChartPoint>& points,
                               double least, const ChartPoint& scale) {
  std::vector<ChartPoint> kept = {points.front()};
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    if (distance(points[i], kept.back(), scale) >= least)
      kept.push_back(points[i]);
  }
  kept.push_back(points.back());
  return kept;
}

}  // namespace

std::string to_figure(const Chart& chart) {
  return tag("figure class=chart", tag("h3", escape(chart.title)) +
                                       Drawing(chart).svg() + legend(chart)) +
         "\n";
}

std::string to_svg_document(const Chart& chart) {
  std::string below;
  double y = kHeight;
  for (const ChartSeries& series : chart.series) {
    if (series.name.empty())
      continue;
    y += kLegendRow;
    std::string swatch = "M";
    swatch.append(place(kLeft, y - 4)).append("h").append(coordinate(kSwatch));
    below += path(series.css_class, "", swatch) +
             text_at(kLeft + kSwatch + 6, y, "", series.name);
  }
  std::string box = place(0, -kHeading);
  box.append(" ").append(place(kWidth, y + kLegendRow / 2 + kHeading));
  const Drawing drawing(chart);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         tag("svg xmlns=\"http://www.w3.org/2000/svg\"" +
                 attribute("viewBox", box) + drawing.labels(),
             tag("style", kDocumentStyle) +
                 text_at(4, -kHeading / 3, attribute("class", "heading"),
                         chart.title) +
                 drawing.content() + below) +
         "\n";
}

std::vector<double> ticks(const ChartAxis& axis) {
  std::vector<double> values;
  if (axis.logarithmic) {
    for (double power = std::floor(std::log10(axis.low));
         std::pow(10.0, power) <= axis.high * (1 + 1e-9); ++power) {
      if (std::pow(10.0, power) >= axis.low * (1 - 1e-9))
        values.push_back(std::pow(10.0, power));
    }
    return values;
  }
  double step = round_step((axis.high - axis.low) / 5);
  if (axis.whole)
    step = std::max(step, 1.0);
  // Whole multiples, so that errors do not add up; + 0 makes -0 a 0.
  for (double n = std::ceil(axis.low / step - 1e-9);
       n * step <= axis.high + step * 1e-9; ++n)
    values.push_back(n * step + 0.0);
  return values;
}

double round_up(double value) {
  if (!(value > 0) || !std::isfinite(value))
    return 1;
  const double step = round_step(value / 5);
  return std::ceil(value / step - 1e-9) * step;
}

std::vector<ChartPoint> thinned(const std::vector<ChartPoint>& points,
                                std::size_t most, ChartPoint scale) {
  double least = 1.0 / 512;  // half a pixel
  std::vector<ChartPoint> kept = points;
  while (kept.size() > most) {
    kept = spaced(points, least, scale);
    least *= 1.5;
  }
  return kept;
}

}  // namespace torchclassify
