// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures: those that were classified wrongly, and those that could not be
// read.
#include "reporting/base64.h"
#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"

namespace torchclassify {
namespace {

std::string media_type(const std::vector<std::uint8_t>& file) {
  return file[0] == 0x89 ? "image/png" : "image/jpeg";
}

std::string image(const std::vector<std::uint8_t>& file,
                  const std::string& css_class, const std::string& text) {
  if (file.empty())
    return "";
  return "<img class=" + css_class + " alt=\"" + escape(text) +
         "\" src=\"data:" + media_type(file) + ";base64," + base64(file) +
         "\">";
}

std::string line(const std::string& name, const std::string& value,
                 double confidence) {
  return tag("div",
             tag("dt", name) +
                 tag("dd", tag("span", escape(value)) +
                               tag("b", escape(percent(confidence, 1)))));
}

std::string mistake(const ReportPicture& picture) {
  const std::string text =
      picture.truth + ", classified as " + picture.predicted;
  return tag("figure class=mistake",
             tag("div class=views",
                 image(picture.thumbnail, "plain", text) +
                     image(picture.heat_map, "heat",
                           "Where the model looked: " + text)) +
                 tag("figcaption",
                     tag("dl", line("Predicted", picture.predicted,
                                    picture.confidence) +
                                   line("Truth", picture.truth,
                                        picture.truth_confidence)) +
                         tag("small", escape(picture.name)))) +
         "\n";
}

}  // namespace

std::string mistake_section(const Report& report) {
  if (report.mistakes.empty())
    return "";
  std::string pictures;
  for (const ReportPicture& picture : report.mistakes)
    pictures += mistake(picture);
  return tag("p",
             "The worst first: those where the model was most "
             "sure of something else.") +
         tag("div class=mistakes", pictures);
}

std::string problem_section(const Report& report) {
  if (report.problems.empty())
    return "";
  std::string rows;
  for (const ReportProblem& problem : report.problems)
    rows += tag("tr", row_head(problem.name) +
                          tag("td class=text", escape(problem.reason))) +
            "\n";
  return tag("p", grouped(static_cast<std::int64_t>(report.problems.size())) +
                      " pictures could not be read; they are not in "
                      "the measures.") +
         scrolling(
             "Pictures that could not be read",
             tag("table", head_row("Picture", "Reason") + tag("tbody", rows)));
}

}  // namespace torchclassify
