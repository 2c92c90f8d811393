// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recording.h"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "support/test_files.h"

namespace support {
namespace {

constexpr float kStep = 1.0f / 16;  // of the recorded logits

int hex_digit(char digit) {
  const int value = g_ascii_xdigit_value(digit);
  g_assert_cmpint(value, >=, 0);
  return value;
}

std::vector<float> softmax_of(const std::string& line) {
  std::vector<float> values;
  float sum = 0;
  for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
    const int below = 16 * hex_digit(line[i]) + hex_digit(line[i + 1]);
    values.push_back(std::exp(static_cast<float>(-below) * kStep));
    sum += values.back();
  }
  for (float& value : values) value /= sum;
  return values;
}

}  // namespace

Recording read_recording(const std::filesystem::path& path) {
  Recording recording;
  std::istringstream text(read_file(path));
  int truth = -1;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line.front() == '#')
      continue;
    if (line.starts_with("rate "))
      recording.interval_ns = 1'000'000'000 / std::stoi(line.substr(5));
    else if (line.starts_with("scene "))
      truth = std::stoi(line.substr(6));
    else
      recording.frames.push_back({truth, softmax_of(line)});
  }
  g_assert_cmpint(recording.interval_ns, >, 0);
  g_assert_false(recording.frames.empty());
  for (const RecordedFrame& frame : recording.frames) {
    g_assert_cmpuint(frame.probabilities.size(), ==,
                     recording.frames.front().probabilities.size());
    g_assert_cmpint(frame.truth, >=, 0);
  }
  return recording;
}

Outcome outcome_of(const Recording& recording, const std::vector<int>& labels) {
  Outcome outcome;
  std::size_t scene = 0;  // its first frame
  bool waiting = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int truth = recording.frames[i].truth;
    if (i > 0 && labels[i] != labels[i - 1])
      ++outcome.changes;
    if (i > 0 && truth != recording.frames[i - 1].truth) {
      scene = i;
      waiting = true;
      outcome.delays_ns.push_back(kNever);
    }
    if (labels[i] != truth)
      continue;
    ++outcome.right;
    if (std::exchange(waiting, false))
      outcome.delays_ns.back() =
          static_cast<std::int64_t>(i - scene) * recording.interval_ns;
  }
  return outcome;
}

std::vector<int> decide(const Recording& recording,
                        const torchclassify::DecisionOptions& options) {
  torchclassify::Decision decision;
  std::vector<int> labels;
  std::int64_t time_ns = 0;
  for (const RecordedFrame& frame : recording.frames) {
    labels.push_back(
        decision.update(time_ns, frame.probabilities, options).label_id);
    time_ns += recording.interval_ns;
  }
  return labels;
}

std::vector<int> vote(const Recording& recording, int frames) {
  const std::vector<int> plain = decide(recording, {});
  std::vector<int> labels;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    std::map<int, int> counts;
    int best = plain[i];
    // From the newest to the oldest.
    for (std::size_t back = 0; back <= i && back < std::size_t(frames); ++back)
      ++counts[plain[i - back]];
    for (std::size_t back = 0; back <= i && back < std::size_t(frames); ++back)
      if (counts[plain[i - back]] > counts[best])
        best = plain[i - back];
    labels.push_back(best);
  }
  return labels;
}

std::int64_t median(std::vector<std::int64_t> delays_ns) {
  g_assert_false(delays_ns.empty());
  std::sort(delays_ns.begin(), delays_ns.end());
  return delays_ns[delays_ns.size() / 2];
}

std::int64_t largest(const std::vector<std::int64_t>& delays_ns) {
  g_assert_false(delays_ns.empty());
  return *std::max_element(delays_ns.begin(), delays_ns.end());
}

}  // namespace support
