// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measures/mistakes.h"

#include <algorithm>
#include <optional>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/picture_mat.h"
#include "measures/decisions.h"
#include "measures/softmax.h"
#include "torchclassify/error.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {
namespace {

cv::Mat shrunk(const cv::Mat& image) {
  const int longer = std::max(image.cols, image.rows);
  if (longer <= kThumbnailSize)
    return image;
  const auto side = [longer](int length) {
    return std::max(1, length * kThumbnailSize / longer);
  };
  cv::Mat small;
  cv::resize(image, small, {side(image.cols), side(image.rows)}, 0, 0,
             cv::INTER_AREA);
  return small;
}

// Names of the chosen classes, and what is the most probable of them.
struct Labels {
  std::string names;
  double confidence = 0;

  void add(const std::string& name, double probability) {
    names += (names.empty() ? "" : ", ") + name;
    confidence = std::max(confidence, probability);
  }
};

double probability_of(std::span<const float> logits, std::size_t label,
                      Activation activation) {
  return activation == Activation::kSigmoid
             ? sigmoid(logits[label])
             : Softmax(logits, /*temperature=*/1).probability(logits[label]);
}

// Nothing if it has gone since: the answer still counts.
std::optional<Picture> read_again(const Dataset& data, std::size_t index) {
  try {
    return data.picture(index);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<std::uint8_t> thumbnail(const Picture& picture) {
  constexpr int kQuality = 85;
  cv::Mat small = shrunk(as_mat(picture));
  if (picture.channels != 1) {
    cv::Mat swapped;
    cv::cvtColor(small, swapped, cv::COLOR_RGB2BGR);
    small = swapped;
  }
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", small, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality});
  return bytes;
}

namespace {

ReportPicture report_picture(const Answers& answers, std::size_t position,
                             const Dataset& data,
                             const std::vector<std::string>& classes,
                             Activation activation,
                             const std::vector<float>& thresholds,
                             const HeatMapper& heat) {
  const auto logits = answers.row(position);
  Labels truth;
  Labels predicted;
  const auto add = [&](Labels& labels, std::size_t label) {
    labels.add(classes.at(label), probability_of(logits, label, activation));
  };
  if (answers.targets.empty()) {
    add(truth, static_cast<std::size_t>(answers.truth[position]));
    add(predicted, predicted_class(logits));
  } else {
    for (std::size_t label = 0; label < answers.classes; ++label) {
      if (answers.targets[position * answers.classes + label] != 0)
        add(truth, label);
      if (is_predicted(logits[label], label, thresholds))
        add(predicted, label);
    }
  }
  ReportPicture result{.name = data.name(answers.indices[position]),
                       .truth = truth.names,
                       .predicted = predicted.names,
                       .confidence = predicted.confidence,
                       .truth_confidence = truth.confidence};
  if (const auto picture = read_again(data, answers.indices[position])) {
    result.thumbnail = thumbnail(*picture);
    if (heat)
      result.heat_map =
          thumbnail(heat(*picture, static_cast<int>(predicted_class(logits))));
  }
  return result;
}

}  // namespace

std::vector<ReportPicture> report_mistakes(
    const Answers& answers, std::size_t limit, const Dataset& data,
    const std::vector<std::string>& classes, Activation activation,
    const std::vector<float>& thresholds, const HeatMapper& heat) {
  std::vector<ReportPicture> mistakes;
  for (const std::size_t position : worst_answers(answers, limit, thresholds))
    mistakes.push_back(report_picture(answers, position, data, classes,
                                      activation, thresholds, heat));
  return mistakes;
}

}  // namespace torchclassify
