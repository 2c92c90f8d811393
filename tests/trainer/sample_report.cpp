// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sample_report.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "random.h"

namespace support {
namespace {

using torchclassify::Answers;
using torchclassify::EpochRecord;
using torchclassify::History;
using torchclassify::KeyedRandom;
using torchclassify::Report;
using torchclassify::ReportPicture;

constexpr int kEpochs = 12;
constexpr std::size_t kMistakes = 8;

std::vector<std::string> names(std::size_t classes) {
  std::vector<std::string> names = {"<b>bold</b> & \"quoted\"", "caf\u00e9"};
  for (std::size_t i = 2; i < classes; ++i)
    names.push_back("class " + std::to_string(i));
  return names;
}

std::int64_t size_of_class(std::size_t id, std::size_t classes) {
  return 10 + static_cast<std::int64_t>(300 * (classes - id) / classes);
}

// The larger a class, the easier it is; some errors are twins' (2, 3), (4, 5).
Answers answers(std::size_t classes) {
  Answers answers{.classes = classes};
  KeyedRandom random({1, classes});
  for (std::size_t id = 0; id < classes; ++id) {
    for (std::int64_t n = size_of_class(id, classes) / 10; n > 0; --n) {
      std::vector<float> logits(classes);
      for (float& logit : logits)
        logit = static_cast<float>(random.uniform(-1, 1));
      logits[id] += static_cast<float>(random.uniform(1, 6));
      if (const std::size_t twin = id ^ 1; twin < classes)
        logits[twin] += static_cast<float>(random.uniform(-1, 4));
      answers.add(answers.size(), static_cast<int>(id), logits);
    }
  }
  return answers;
}

History history() {
  History history;
  for (int epoch = 1; epoch <= kEpochs; ++epoch) {
    const double done = static_cast<double>(epoch) / kEpochs;
    history.push_back({.epoch = epoch,
                       .train_loss = 2.2 * std::exp(-3 * done),
                       .train_accuracy = 1 - 0.6 * std::exp(-4 * done),
                       .learning_rate = 0.05 * (1 + std::cos(3.14159 * done)),
                       .validated = true,
                       .best = epoch <= 9,
                       .valid_loss = 2 * std::exp(-2 * done) + 0.1 * done,
                       .valid_accuracy = 1 - 0.6 * std::exp(-3 * done)});
  }
  return history;
}

std::vector<std::uint8_t> encoded(const cv::Mat& picture) {
  std::vector<std::uint8_t> file;
  cv::imencode(".png", picture, file);
  return file;
}

ReportPicture mistake(std::size_t i, const std::vector<std::string>& classes) {
  const int hue = static_cast<int>(180 * i / kMistakes);
  cv::Mat picture(48, 64, CV_8UC3, cv::Scalar(hue, 90, 120));
  cv::circle(picture, {32, 24}, 14, cv::Scalar(180 - hue, 200, 240), -1);
  cv::Mat heat;
  cv::applyColorMap(picture, heat, cv::COLORMAP_JET);
  return {.name = "test/" + std::to_string(i) + " <img src=x>.png",
          .truth = classes[i % classes.size()],
          .predicted = classes[(i + 1) % classes.size()],
          .confidence = 0.99 - 0.05 * static_cast<double>(i),
          .truth_confidence = 0.005 * static_cast<double>(i),
          .thumbnail = encoded(picture),
          .heat_map = i == 3 ? std::vector<std::uint8_t>() : encoded(heat)};
}

}  // namespace

Report sample_report(std::size_t classes) {
  Report report{.title = "Sample <of> a report",
                .facts = {{"Architecture", "simple_cnn"},
                          {"Data",
                           "../shared/data/of/a/long/path/that/has/no/"
                           "space/to/break/it/anywhere/test"}},
                .classes = names(classes),
                .answers = answers(classes),
                .temperature = 1.25,
                .thresholds = std::vector<float>(classes, 0.5f),
                .history = history(),
                .problems = {{"broken/a.png", "expected a picture, got text"},
                             {"bad\xff.png", "the file ends too early"}}};
  report.metrics = measure(report.answers, report.temperature);
  for (std::size_t id = 0; id < classes; ++id)
    report.training_counts.push_back(size_of_class(id, classes));
  for (std::size_t i = 0; i < kMistakes; ++i)
    report.mistakes.push_back(mistake(i, report.classes));
  return report;
}

}  // namespace support
