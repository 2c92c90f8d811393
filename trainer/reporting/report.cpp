// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/report.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <tuple>

namespace torchclassify {
namespace {

constexpr std::size_t kLargestMatrix = 100;  // classes
constexpr std::size_t kMostErrors = 100;     // pairs listed

constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff;
  --line: #ddd; --hit: 30 120 200; --miss: 210 60 40; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181c;
  --line: #3a3d44; --hit: 70 150 230; --miss: 230 90 70; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid var(--line); padding: .2rem .6rem; }
th { text-align: left; font-weight: 600; }
td { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.matrix td { background: rgb(var(--miss) / var(--s, 0)); }
.matrix td.hit { background: rgb(var(--hit) / var(--s, 0)); }
)";

std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string number(const char* format, double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string row(const std::string& name, const std::string& cells) {
  return "<tr><th>" + escape(name) + "</th>" + cells + "</tr>\n";
}

std::string cell(const std::string& text) {
  return "<td>" + escape(text) + "</td>";
}

std::string percent(double share) {
  return cell(number("%.2f %%", 100 * share));
}

std::string score_cells(const Scores& scores) {
  return percent(scores.precision) + percent(scores.recall) +
         percent(scores.f1);
}

std::string summary(const ReportOptions& options, const Metrics& metrics) {
  std::string html = "<h2>Summary</h2>\n<table>\n";
  for (const auto& [name, value] : options.facts)
    html += row(name, cell(value));
  html += row("Accuracy", percent(metrics.accuracy));
  html += row("Top-5 accuracy", percent(metrics.top5_accuracy));
  html += row("Balanced accuracy", percent(metrics.balanced_accuracy));
  html += row("Loss (nats)", cell(number("%.4f", metrics.loss)));
  html += row("Calibration error", cell(number("%.4f", metrics.ece)));
  return html + "</table>\n";
}

std::string class_table(const Metrics& metrics,
                        const std::vector<std::string>& labels) {
  std::string html =
      "<h2>Classes</h2>\n<table>\n<tr><th>Class</th><th>Precision</th>"
      "<th>Recall</th><th>F1</th><th>Pictures</th></tr>\n";
  for (std::size_t i = 0; i < metrics.per_class.size(); ++i) {
    const ClassScores& scores = metrics.per_class[i];
    html += row(labels.at(i),
                score_cells(scores) + cell(std::to_string(scores.support)));
  }
  html += row("Mean (macro)", score_cells(metrics.macro) + cell(""));
  html += row("Mean (weighted)", score_cells(metrics.weighted) + cell(""));
  return html + "</table>\n";
}

std::string matrix_cell(std::int64_t count, std::int64_t support, bool hit) {
  if (count == 0)
    return "<td></td>";
  const double share =
      static_cast<double>(count) / static_cast<double>(support);
  return std::string("<td") + (hit ? " class=hit" : "") +
         " style=\"--s:" + number("%.2f", 0.1 + 0.7 * share) + "\">" +
         std::to_string(count) + "</td>";
}

std::string confusion_matrix(const Metrics& metrics,
                             const std::vector<std::string>& labels) {
  std::string html =
      "<h2>Confusion</h2>\n<p>Rows: the truth. Columns: the prediction.</p>\n"
      "<div class=scroll><table class=matrix>\n<tr><th></th>";
  for (std::size_t i = 0; i < metrics.confusion.size(); ++i)
    html += "<th title=\"" + escape(labels.at(i)) + "\">" + std::to_string(i) +
            "</th>";
  html += "</tr>\n";
  for (std::size_t i = 0; i < metrics.confusion.size(); ++i) {
    std::string cells;
    for (std::size_t j = 0; j < metrics.confusion[i].size(); ++j)
      cells += matrix_cell(metrics.confusion[i][j],
                           metrics.per_class[i].support, i == j);
    html += row(std::to_string(i) + " " + labels.at(i), cells);
  }
  return html + "</table></div>\n";
}

std::string largest_errors(const Metrics& metrics,
                           const std::vector<std::string>& labels) {
  std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> errors;
  for (std::size_t i = 0; i < metrics.confusion.size(); ++i) {
    for (std::size_t j = 0; j < metrics.confusion[i].size(); ++j) {
      if (i != j && metrics.confusion[i][j] > 0)
        errors.emplace_back(-metrics.confusion[i][j], i, j);
    }
  }
  std::sort(errors.begin(), errors.end());
  errors.resize(std::min(errors.size(), kMostErrors));
  std::string html =
      "<h2>Most frequent errors</h2>\n<table>\n<tr><th>Truth</th>"
      "<th>Prediction</th><th>Pictures</th></tr>\n";
  for (const auto& [count, truth, predicted] : errors)
    html += row(labels.at(truth),
                cell(labels.at(predicted)) + cell(std::to_string(-count)));
  return html + "</table>\n";
}

}  // namespace

std::string html_report(const ReportOptions& options, const Metrics& metrics,
                        const std::vector<std::string>& labels) {
  const std::string title = escape(options.title);
  const bool small = labels.size() <= kLargestMatrix;
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
         "charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
         title + "</title>\n<style>" + kStyle +
         "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n" +
         summary(options, metrics) + class_table(metrics, labels) +
         (small ? confusion_matrix(metrics, labels)
                : largest_errors(metrics, labels)) +
         "</body>\n</html>\n";
}

}  // namespace torchclassify
