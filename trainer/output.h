// SPDX-License-Identifier: LGPL-2.1-or-later
// What the program prints and writes.
#pragma once

#include <cstdint>
#include <filesystem>
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

// A field as RFC 4180 wants it: quoted where it has to be.
std::string csv_field(const std::string& text);

// Bytes that are not UTF-8 become U+FFFD: paths may hold any.
std::string json_string(const std::string& text);  // with its quotes

// To stdout. Throws Error kCannotWrite.
void print(const std::string& text);
void finish_printing();

// With its parents, if it is not there. Throws Error kCannotWrite.
void make_folder(const std::filesystem::path& path);

}  // namespace torchclassify
