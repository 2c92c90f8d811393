// SPDX-License-Identifier: LGPL-2.1-or-later
// Precision-recall and ROC curves: averages, and one class that is chosen.
#include "reporting/class_curves.h"
#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"
#include "reporting/svg_chart.h"

namespace torchclassify {
namespace {

using Curve = std::vector<ChartPoint> CurvePair::*;

std::string measures_of(const Report& report, std::size_t id) {
  const ClassScores& scores = report.metrics.per_class[id];
  return "average precision " + fixed(scores.average_precision, 4) +
         ", ROC AUC " + fixed(scores.roc_auc, 4) + ", " +
         grouped(scores.support) + " pictures";
}

void add_curves(Chart& chart, const ClassCurves& curves, Curve curve,
                Draw draw) {
  for (std::size_t i = 0; i < curves.own.size(); ++i)
    chart.series.push_back(
        {.name = i == 0 ? "One class each" : "",
         .css_class = "faint",
         .points = curves.own[i].*curve,
         .draw = draw,
         .attributes = "data-class=" + std::to_string(curves.classes[i])});
  if (const auto& points = curves.micro.*curve; !points.empty())
    chart.series.push_back({.name = "All decisions (micro)",
                            .css_class = "line two",
                            .points = points,
                            .draw = draw});
  chart.series.push_back({.name = "Mean of classes (macro)",
                          .css_class = "line one",
                          .points = curves.macro.*curve,
                          .draw = draw});
}

std::string precision_recall_chart(const Report& report,
                                   const ClassCurves& curves) {
  Chart chart{.id = "precision-recall",
              .title = "Precision and recall",
              .description =
                  "Precision over recall at every threshold; the mean of "
                  "the classes' average precisions is " +
                  fixed(report.metrics.mean_average_precision, 4) + ".",
              .x = {.name = "Recall", .percent = true},
              .y = {.name = "Precision", .percent = true}};
  add_curves(chart, curves, &CurvePair::precision_recall, Draw::kSteps);
  return to_figure(chart);
}

std::string roc_chart(const Report& report, const ClassCurves& curves) {
  Chart chart{.id = "roc",
              .title = "ROC",
              .description =
                  "True over false positive rate at every threshold; the "
                  "mean of the areas under the classes' curves is " +
                  fixed(report.metrics.mean_roc_auc, 4) + ".",
              .x = {.name = "False positive rate", .percent = true},
              .y = {.name = "True positive rate", .percent = true}};
  chart.series.push_back(
      {.name = "Guessing", .css_class = "mark", .points = {{0, 0}, {1, 1}}});
  add_curves(chart, curves, &CurvePair::roc, Draw::kLine);
  return to_figure(chart);
}

// Of use with the script only, which shows it.
std::string chooser(const Report& report, const ClassCurves& curves) {
  std::string options = "<option value=\"\">none</option>";
  for (const std::size_t id : curves.classes)
    options += tag("option value=" + std::to_string(id) + " data-text=\"" +
                       escape(measures_of(report, id)) + "\"",
                   escape(report.classes[id]));
  return tag("p id=chooser hidden",
             tag("label for=class-choice", "Class shown ") +
                 tag("select id=class-choice", options) +
                 " <output for=class-choice></output>");
}

std::string remarks(const Report& report, const ClassCurves& curves) {
  std::string text;
  if (curves.classes.size() < report.classes.size())
    text += "Own curves are drawn for " +
            std::to_string(curves.classes.size()) + " of " +
            std::to_string(report.classes.size()) +
            " classes: those with the lowest average precision of those that "
            "have one. ";
  if (curves.micro.roc.empty())
    text += "The curve over all decisions is left out: these are too many.";
  return text.empty() ? "" : tag("p class=quiet", escape(text));
}

}  // namespace

std::string curve_section(const Report& report) {
  if (report.answers.size() == 0 || report.metrics.per_class.empty())
    return "";
  const ClassCurves curves = class_curves(report);
  if (curves.classes.empty())
    return "";
  return tag("p", "Each class against all others, by its probability.") +
         chooser(report, curves) +
         tag("div class=charts", precision_recall_chart(report, curves) +
                                     roc_chart(report, curves)) +
         remarks(report, curves);
}

}  // namespace torchclassify
