// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the program as a user does, and says how it ended.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace program {

// Of the program's main.cpp.
enum ExitStatus {
  kDone = 0,
  kWrongUsage = 2,
  kBadData = 65,
  kInternal = 70,
  kNotWritten = 73,
  kTryAgain = 75,
};

struct Outcome {
  int status = -1;  // exit status
  std::string out;
  std::string err;
};

using Arguments = std::vector<std::string>;

// Runs torchclassify with at most 8 GiB of memory and 60 seconds of time; the
// test fails if it is ended by a signal, as it is beyond the latter.
Outcome run(const Arguments& arguments);
// With its standard output going to a file, such as /dev/full.
Outcome run_into(const std::string& file, const Arguments& arguments);

// With no room for files of more than this many bytes, as on a full disk.
Outcome run_without_room(unsigned bytes, const Arguments& arguments);

// A run in the background.
class Running {
 public:
  explicit Running(const Arguments& arguments);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Reads its standard output up to a line with this in it; the test fails if
  // there is none.
  void wait_for(const std::string& text);
  void signal(int number) const;
  // Its end: as Outcome; status is minus the signal that ended it.
  Outcome wait();

 private:
  int pid_ = 0;
  int out_ = -1, err_ = -1;
};

// The test fails unless the program did what it should, without a word on
// stderr.
Outcome run_well(const Arguments& arguments);

// The test fails unless the exit status is this one, and stderr holds exactly
// one line, in the house form, with each of these words in it.
void expect_failure(const Outcome& outcome, ExitStatus status,
                    const std::vector<std::string>& words);

// Text as lines, each of which ends in a line feed.
std::vector<std::string> lines_of(const std::string& text);
// One JSON value a line.
std::vector<nlohmann::json> json_lines(const std::string& text);
// The test fails unless the object has exactly these keys.
void expect_keys(const nlohmann::json& object, std::vector<std::string> keys);

}  // namespace program
