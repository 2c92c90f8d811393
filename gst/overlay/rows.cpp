// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.h"

#include <algorithm>

#include "text.h"

namespace torchclassify::overlay {
namespace {

class Rows {
 public:
  Rows(bool show_confidence, Color color)
      : show_confidence_(show_confidence), color_(color) {}

  void add_labels(const Classification& said) {
    for (const Label& label : said.reported) add(label, /*heading=*/true);
  }

  // A class that has its row already gets its bar there.
  void add_bars(const Classification& said, std::size_t first) {
    for (const Label& label : said.top) {
      const auto row =
          std::find_if(rows_.begin() + first, rows_.end(),
                       [&](const Row& r) { return r.text == label.text; });
      Row& target = row != rows_.end() ? *row : add(label, /*heading=*/false);
      target.percent = label.percent;
    }
  }

  // What the detector says goes before the first label, or stands alone.
  void add_what(const Finding& finding) {
    const Label& what = finding.what;
    if (what.text.empty())
      return;
    const bool labelled = !rows_.empty() && rows_.front().heading;
    if (!labelled)
      rows_.insert(rows_.begin(), row(what, /*heading=*/true));
    else if (rows_.front().text == finding.kind)
      rows_.front().text = what.text;
    else
      rows_.front().text =
          isolated(what.text) + ": " + isolated(rows_.front().text);
  }

  std::size_t size() const { return rows_.size(); }

  std::vector<Row> take() {
    if (rows_.size() > kMostRows)
      rows_.resize(kMostRows);
    return std::move(rows_);
  }

 private:
  Row row(const Label& label, bool heading) const {
    std::string value;
    if (show_confidence_ && label.percent != kNoPercent)
      value = std::to_string(label.percent) + " %";
    const Color color = color_ ? color_ : color_of(label.text);
    return {label.text, value, kNoPercent, color, heading};
  }

  Row& add(const Label& label, bool heading) {
    return rows_.emplace_back(row(label, heading));
  }

  std::vector<Row> rows_;
  bool show_confidence_;
  Color color_;
};

}  // namespace

std::vector<Row> rows_of(const Finding& finding, unsigned draw,
                         bool show_confidence, Color color) {
  const bool labels =
      draw & (finding.box ? kDrawObjectLabels : kDrawFrameLabels);
  Rows rows(show_confidence, color);
  for (const Classification& said : finding.said) {
    const std::size_t first = rows.size();
    if (labels)
      rows.add_labels(said);
    if (draw & kDrawBars && said.top.size() > 1)
      rows.add_bars(said, first);
  }
  if (labels)
    rows.add_what(finding);
  return rows.take();
}

std::string color_name(const Finding& finding) {
  if (!finding.said.empty() && !finding.said.front().reported.empty())
    return finding.said.front().reported.front().text;
  return finding.kind;
}

}  // namespace torchclassify::overlay
