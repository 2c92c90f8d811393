// SPDX-License-Identifier: LGPL-2.1-or-later
// What a reader wants to know first: the measures, and of what.
#include <cmath>

#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"

namespace torchclassify {
namespace {

std::string card(const std::string& name, const std::string& value,
                 const std::string& note) {
  return tag("div class=card", tag("dt", escape(name)) +
                                   tag("dd", tag("strong", escape(value)) +
                                                 tag("small", escape(note)))) +
         "\n";
}

// Wilson's interval of a share measured on count pictures.
std::string interval(double share, std::int64_t count) {
  constexpr double kQuantile = 1.959964;  // 95 %, two-sided
  const auto n = static_cast<double>(count);
  if (count == 0)
    return "";
  const double z = kQuantile * kQuantile / n;
  const double middle = (share + z / 2) / (1 + z);
  const double half = std::sqrt(share * (1 - share) * z + z * z / 4) / (1 + z);
  return "95\u00a0% interval " + fixed(100 * (middle - half), 1) + "\u2013" +
         percent(middle + half, 1);
}

// Pictures that the metrics were measured on.
std::int64_t picture_count(const Report& report) {
  if (report.answers.size() > 0)
    return static_cast<std::int64_t>(report.answers.size());
  std::int64_t count = 0;
  for (const ClassScores& scores : report.metrics.per_class)
    count += scores.support;
  return count;
}

std::string accuracy_cards(const Report& report) {
  const Metrics& metrics = report.metrics;
  std::string cards = card("Accuracy", percent(metrics.accuracy),
                           interval(metrics.accuracy, picture_count(report)));
  if (report.classes.size() > 5)
    cards += card("Top-5 accuracy", percent(metrics.top5_accuracy),
                  "the truth is among the five most probable");
  return cards + card("Balanced accuracy", percent(metrics.balanced_accuracy),
                      "every class counts the same");
}

std::string multi_label_cards(const Metrics& metrics) {
  return card("All labels right", percent(metrics.accuracy),
              "share of the pictures") +
         card("Micro F1", percent(metrics.micro.f1), "over all decisions");
}

std::string cards(const Report& report) {
  const Metrics& metrics = report.metrics;
  const bool multi_label = !report.answers.targets.empty();
  std::string html =
      multi_label ? multi_label_cards(metrics) : accuracy_cards(report);
  html += card("Macro F1", percent(metrics.macro.f1),
               "precision " + percent(metrics.macro.precision, 1) +
                   ", recall " + percent(metrics.macro.recall, 1));
  html += card("Average precision", fixed(metrics.mean_average_precision, 4),
               "mean of the classes");
  html += card("ROC AUC", fixed(metrics.mean_roc_auc, 4),
               "mean of the classes, each against the rest");
  html += card("Loss", fixed(metrics.loss, 4), "cross-entropy, nats");
  if (!multi_label) {
    html += card("Calibration error", percent(metrics.ece),
                 "expected distance of confidence and accuracy");
    html += card("Matthews correlation", fixed(metrics.mcc, 4),
                 "Cohen's kappa " + fixed(metrics.kappa, 4));
  }
  return tag("dl class=cards", html) + "\n";
}

std::string facts(const Report& report) {
  std::string rows;
  for (const auto& [name, value] : report.facts)
    rows += tag("div", tag("dt", escape(name)) + tag("dd", escape(value)));
  return rows.empty() ? "" : tag("dl class=facts", rows) + "\n";
}

}  // namespace

std::string summary_section(const Report& report) {
  return cards(report) + facts(report);
}

}  // namespace torchclassify
