// SPDX-License-Identifier: LGPL-2.1-or-later
// The forms of predict's answers: text, JSON, CSV.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/classifier.h"

namespace torchclassify {

// One line of predict's answer: a picture, a frame, or what went wrong.
struct PredictionRecord {
  std::string path;
  std::optional<std::int64_t> frame;   // videos
  std::optional<std::int64_t> pts_ns;  // videos
  Classification result;
  bool with_logits = false;
  std::string error;  // not empty: nothing else but path holds
};

// Turns records into text. One thread.
class PredictionFormat {
 public:
  virtual ~PredictionFormat() = default;
  virtual std::string header() const { return {}; }
  // Ends in a line feed.
  virtual std::string record(const PredictionRecord& record) const = 0;
};

// name: text, json (one object a line) or csv (one line per class in top).
// classes must outlive the result. Throws Error kInvalidArgument.
std::unique_ptr<PredictionFormat> make_prediction_format(
    const std::string& name, const std::vector<std::string>& classes);

}  // namespace torchclassify
