// SPDX-License-Identifier: LGPL-2.1-or-later
// The files that say how a training goes: history.csv, status.json, skipped.csv
// and TensorBoard's, in its output folder.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/train/event_file.h"
#include "torchclassify/train/loader.h"
#include "torchclassify/train/train.h"
#include "training/run_state.h"

namespace torchclassify {

class RunFiles {
 public:
  // Makes the folder. Throws Error kCannotWrite, as everything here.
  explicit RunFiles(const TrainOptions& options);

  // From this epoch on, TensorBoard forgets what an earlier process told it.
  void begin_at(int epoch);
  // history.csv and, for the last epoch, TensorBoard's points.
  void add_epoch(const RunState& state, const EpochReport& report);
  void write_skipped(std::vector<SkippedPicture> skipped) const;
  // last.ckpt as this epoch's, as far as options.keep_last says; forgets an
  // earlier one.
  void keep_checkpoint(int epoch) const;
  // state: running, stopped, done or failed; why: of failed.
  void write_status(const std::string& state, const RunState& run,
                    const std::string& why = "") const;

 private:
  std::filesystem::path folder_;
  int epochs_ = 0;
  int keep_last_ = 0;
  EventFile events_;
  double seconds_ = 0;  // of the epochs that this process did
};

}  // namespace torchclassify
