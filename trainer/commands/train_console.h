// SPDX-License-Identifier: LGPL-2.1-or-later
// What train says while it runs: lines of key=value, and on a terminal a bar
// that is written again and again.
#pragma once

#include <string>

#include "torchclassify/train/train.h"

namespace torchclassify {

class TrainConsole {
 public:
  // terminal: stdout is one.
  explicit TrainConsole(bool terminal) : terminal_(terminal) {}

  void epoch(const EpochReport& report);
  void step(const StepReport& report);
  // A line of its own, in between.
  void line(const std::string& text);

 private:
  void clear_bar();

  const bool terminal_;
  bool bar_open_ = false;
};

// "1:02:03", "2:03".
std::string duration_text(double seconds);

}  // namespace torchclassify
