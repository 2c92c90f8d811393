// SPDX-License-Identifier: LGPL-2.1-or-later
// A recorded classifier over scenes whose right label is known, and how well
// what is reported of it follows them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "torchclassify/decision.h"

namespace support {

struct RecordedFrame {
  int truth = 0;  // the right label id; another than before: the scene changed
  std::vector<float> probabilities;
};

struct Recording {
  std::int64_t interval_ns = 0;  // between two frames
  std::vector<RecordedFrame> frames;
};

// Lines, as record_flicker.py writes them: "rate" and frames per second,
// "scene" and a label id, and a frame's logits by label id: two hexadecimal
// digits each, sixteenths below the largest one. '#' begins a comment. Fails
// the test if it is anything else.
Recording read_recording(const std::filesystem::path& path);

constexpr std::int64_t kNever = INT64_MAX;

struct Outcome {
  int changes = 0;  // of the label, from a frame to the next
  int right = 0;    // frames with the right label
  // For each change of the scene: from its first frame to the first one with
  // the right label, or kNever before the next change.
  std::vector<std::int64_t> delays_ns;
};

// Label ids, one for each frame.
Outcome outcome_of(const Recording& recording, const std::vector<int>& labels);

std::vector<int> decide(const Recording& recording,
                        const torchclassify::DecisionOptions& options);
// The baseline: the most frequent plain answer of the last frames (of equally
// frequent ones the newest).
std::vector<int> vote(const Recording& recording, int frames);

// kNever is the largest.
std::int64_t median(std::vector<std::int64_t> delays_ns);
std::int64_t largest(const std::vector<std::int64_t>& delays_ns);

}  // namespace support
