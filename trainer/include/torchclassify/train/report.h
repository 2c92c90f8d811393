// SPDX-License-Identifier: LGPL-2.1-or-later
// One HTML file that says how good a model is, and where it is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "torchclassify/train/answers.h"
#include "torchclassify/train/history.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {

struct ReportPicture {
  std::string name;
  std::string truth, predicted;         // class names
  double confidence = 0;                // in the predicted class
  double truth_confidence = 0;          // in the true class
  std::vector<std::uint8_t> thumbnail;  // a JPEG or PNG file's bytes
  std::vector<std::uint8_t> heat_map;   // the same picture under its Grad-CAM
                                        // overlay; empty: there is none
};

struct ReportProblem {
  std::string name, reason;
};

struct Report {
  std::string title;
  // Lines before the metrics, such as {"Architecture", "resnet18"}.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> classes;
  Metrics metrics;
  // What metrics were measured on; may be empty: then no curves are drawn.
  Answers answers;
  Activation activation = Activation::kSoftmax;
  double temperature = 1;                     // that metrics were measured with
  std::vector<float> thresholds;              // per class, or empty
  std::vector<std::int64_t> training_counts;  // pictures per class, or empty
  History history;                            // of the training; may be empty
  std::vector<ReportPicture> mistakes;        // the worst first
  std::vector<ReportProblem> problems;        // pictures that could not be read
};

// A complete document: no external resource, no request, works from a file.
// Summary, training curves, sortable table of classes, PR, ROC and reliability
// curves as inline SVG, confusion matrix (for many classes its largest errors),
// most confused pairs, mistakes with thumbnails. Texts are escaped. The same
// report gives the same bytes.
std::string to_html(const Report& report);

}  // namespace torchclassify
