// SPDX-License-Identifier: LGPL-2.1-or-later
// SIGINT and SIGTERM as a question: has anybody asked to stop?
#pragma once

namespace torchclassify {

// While it lives, the first of these signals only answers stop_asked(); the
// next one ends the process as usual.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool stop_asked() const;
};

}  // namespace torchclassify
