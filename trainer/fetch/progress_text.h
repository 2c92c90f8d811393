// SPDX-License-Identifier: LGPL-2.1-or-later
// How far a download is, in words.
#pragma once

#include <cstdint>
#include <string>

namespace torchclassify {

// One download. The time is the caller's: seconds on any clock that only goes
// forward.
class ProgressText {
 public:
  // terminal: one line that is written again and again, ten times a second at
  // most. Otherwise a line for each tenth of the file, or every 10 s where its
  // size is not known.
  explicit ProgressText(bool terminal) : terminal_(terminal) {}

  // What to print now that done of total bytes (0: unknown) are there; often
  // nothing.
  std::string update(std::uint64_t done, std::uint64_t total, double seconds);
  // What to print after the last update, whatever the outcome: the line feed
  // that a line on a terminal still lacks.
  std::string finish();

 private:
  bool is_due(std::uint64_t done, std::uint64_t total, double seconds) const;

  const bool terminal_;
  bool started_ = false;
  bool line_open_ = false;
  std::uint64_t first_done_ = 0;  // bytes; those of earlier attempts and the
  double first_seconds_ = 0;      // time when this one began
  std::uint64_t printed_tenths_ = 0;
  double printed_seconds_ = 0;
};

}  // namespace torchclassify
