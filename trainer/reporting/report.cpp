// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/report.h"

#include <array>

#include "reporting/html.h"
#include "reporting/report_page.h"
#include "reporting/report_sections.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Nothing is fetched, not even an icon.
constexpr char kHead[] = R"(<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; )"
                         R"(img-src data:; style-src 'unsafe-inline'; )"
                         R"(script-src 'unsafe-inline'; base-uri 'none'; )"
                         R"(form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="torchclassify">
<link rel="icon" href="data:,">
)";

struct Part {
  const char* id;  // of its section
  const char* name;
  std::string (*make)(const Report&);
};

constexpr std::array<Part, 9> kParts = {{
    {"summary", "Summary", summary_section},
    {"training", "Training", training_section},
    {"classes", "Classes", class_section},
    {"balance", "Balance", balance_section},
    {"confusion", "Confusion", confusion_section},
    {"curves", "Thresholds", curve_section},
    {"confidence", "Confidence", confidence_section},
    {"mistakes", "Mistakes", mistake_section},
    {"problems", "Problems", problem_section},
}};

std::string section(const Part& part, const std::string& content) {
  const std::string heading = std::string(part.id) + "-heading";
  return tag("section id=" + std::string(part.id) +
                 " aria-labelledby=" + heading,
             tag("h2 id=" + heading, part.name) + "\n" + content) +
         "\n";
}

void expect_size(std::size_t size, std::size_t expected, const char* what) {
  if (size != 0 && size != expected)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::string(what) + " for " +
                    std::to_string(expected) + " classes, got " +
                    std::to_string(size));
}

void check(const Report& report) {
  const std::size_t classes = report.classes.size();
  expect_size(report.metrics.per_class.size(), classes, "scores");
  expect_size(report.metrics.confusion.size(), classes, "rows of confusion");
  for (const auto& row : report.metrics.confusion)
    expect_size(row.size(), classes, "columns of confusion");
  expect_size(report.thresholds.size(), classes, "thresholds");
  expect_size(report.training_counts.size(), classes, "counts");
  expect_size(report.answers.classes, classes, "answers");
  const Metrics& metrics = report.metrics;
  if (metrics.per_class.empty() && !metrics.confusion.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected scores for " + std::to_string(classes) +
                    " classes beside their confusion, got none");
}

}  // namespace

std::string to_html(const Report& report) {
  check(report);
  std::string links;
  std::string sections;
  for (const Part& part : kParts) {
    const std::string content = part.make(report);
    if (content.empty())
      continue;
    links += tag("li", tag("a href=#" + std::string(part.id), part.name));
    sections += section(part, content);
  }
  const std::string title = escape(report.title);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n" + std::string(kHead) +
         tag("title", title) + "\n" + tag("style", kReportStyle) +
         "\n</head>\n<body>\n" +
         tag("a class=skip href=#content", "Skip to the content") + "\n" +
         tag("header", tag("h1", title)) + "\n" +
         tag("nav aria-label=Sections", tag("ul", links)) + "\n" +
         tag("main id=content tabindex=-1", "\n" + sections) + "\n" +
         tag("script", kReportScript) + "\n</body>\n</html>\n";
}

}  // namespace torchclassify
