// SPDX-License-Identifier: LGPL-2.1-or-later
// The files that say how a training went: history.csv, metrics.json,
// report.html and status.json in its output folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "torchclassify/train/train.h"

namespace torchclassify {

class TrainRecord {
 public:
  // Makes the folder. Throws Error kCannotWrite, as everything here.
  TrainRecord(std::filesystem::path folder, std::vector<std::string> classes,
              int epochs);

  // Replaces all of them; metrics.json and report.html only by the best
  // epoch's.
  void add(const EpochReport& report);
  void fail(const std::string& why);

 private:
  void write_status(const std::string& state, const std::string& why) const;

  std::filesystem::path folder_;
  std::vector<std::string> classes_;
  int epochs_ = 0;
  int epoch_ = 0;
  int best_epoch_ = 0;
  std::string history_;
};

}  // namespace torchclassify
