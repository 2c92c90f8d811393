// SPDX-License-Identifier: LGPL-2.1-or-later
// Measured figures as one self-contained HTML page.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/metrics.h"

namespace torchclassify {

struct ReportOptions {
  std::string title;  // plain text
  // What was measured, on what: name and value, plain text.
  std::vector<std::pair<std::string, std::string>> facts;
};

// A summary, a table of classes, and the confusion matrix (for many classes
// only its largest errors). labels has one name per class. No scripts, nothing
// loaded from elsewhere.
std::string html_report(const ReportOptions& options, const Metrics& metrics,
                        const std::vector<std::string>& labels);

}  // namespace torchclassify
