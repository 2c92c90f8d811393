// SPDX-License-Identifier: LGPL-2.1-or-later
// What is taken for what: the confusion matrix and its largest errors.
#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"

namespace torchclassify {
namespace {

constexpr std::size_t kLargestMatrix = 100;  // classes
constexpr std::size_t kPairsBesideMatrix = 20;
constexpr std::size_t kPairsAlone = 100;

double share_of(std::int64_t count, std::int64_t support) {
  return support > 0 ? static_cast<double>(count) / static_cast<double>(support)
                     : 0;
}

// Strong cells have light text: opacities between would leave neither colour
// of text enough contrast.
std::string shade(double share) {
  const bool strong = share >= 0.6;
  return std::string(strong ? " strong" : "") + "\" style=\"--s:" +
         fixed(strong ? 0.9 + 0.25 * (share - 0.6) : 0.1 + 0.8 * share, 2);
}

std::string matrix_cell(const Report& report, std::size_t truth,
                        std::size_t predicted) {
  const std::int64_t count = report.metrics.confusion[truth][predicted];
  if (count == 0)
    return truth == predicted ? "<td class=diagonal></td>" : "<td></td>";
  const std::int64_t support = report.metrics.per_class[truth].support;
  const std::string title =
      report.classes[truth] + " \u2192 " + report.classes[predicted] + ": " +
      std::to_string(count) + " of " + std::to_string(support);
  return tag(std::string("td class=\"") +
                 (truth == predicted ? "hit" : "miss") +
                 shade(share_of(count, support)) + "\" title=\"" +
                 escape(title) + "\"",
             std::to_string(count));
}

std::string matrix(const Report& report) {
  const std::size_t classes = report.metrics.confusion.size();
  std::string heads = "<td></td>";
  for (std::size_t i = 0; i < classes; ++i)
    heads += tag("th scope=col title=\"" + escape(report.classes[i]) + "\"",
                 tag("span", escape(report.classes[i])));
  std::string rows;
  for (std::size_t i = 0; i < classes; ++i) {
    std::string cells =
        tag("th scope=row title=\"" + escape(report.classes[i]) + "\"",
            escape(report.classes[i]));
    for (std::size_t j = 0; j < classes; ++j)
      cells += matrix_cell(report, i, j);
    rows += tag("tr", cells) + "\n";
  }
  return tag("p",
             "Rows are the truth, columns the prediction; the colour is "
             "the share of the row.") +
         scrolling("Confusion matrix",
                   tag("table class=matrix", tag("thead", tag("tr", heads)) +
                                                 tag("tbody", "\n" + rows)));
}

std::string pair_table(const Report& report, std::size_t limit) {
  std::string rows;
  for (const ConfusedPair& pair : most_confused(report.metrics, limit)) {
    const auto truth = static_cast<std::size_t>(pair.truth);
    const auto predicted = static_cast<std::size_t>(pair.predicted);
    const double share =
        share_of(pair.count, report.metrics.per_class[truth].support);
    rows +=
        tag("tr", row_head(report.classes[truth]) +
                      tag("td class=text", escape(report.classes[predicted])) +
                      cell(std::to_string(pair.count)) +
                      bar_cell(share, 1, "\"bar wrong\"")) +
        "\n";
  }
  if (rows.empty())
    return tag("p", "No picture was classified wrongly.");
  return scrolling(
      "Most confused pairs",
      tag("table class=sortable",
          head_row("Truth", "Taken for", "Pictures", "Share of the class") +
              tag("tbody", "\n" + rows)));
}

}  // namespace

std::string confusion_section(const Report& report) {
  const std::size_t classes = report.metrics.confusion.size();
  if (classes == 0)
    return "";
  const bool small = classes <= kLargestMatrix;
  return (small ? matrix(report) : "") + tag("h3", "Most confused pairs") +
         pair_table(report, small ? kPairsBesideMatrix : kPairsAlone);
}

}  // namespace torchclassify
