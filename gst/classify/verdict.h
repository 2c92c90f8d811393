// SPDX-License-Identifier: LGPL-2.1-or-later
// What is said of a region: its label and its best classes.
#pragma once

#include <span>
#include <vector>

#include "settings.h"
#include "torchclassify/classifier.h"
#include "torchclassify/decision.h"

namespace torchclassify {

inline constexpr int kUnknownLabelId = Decision::kUnknown;

struct Verdict {
  struct Class {
    int label_id = 0;
    double confidence = 0;
    // Of models of one label: it is the one that is reported. Of several: it is
    // at or above its threshold.
    bool present = false;
  };

  int label_id = kUnknownLabelId;    // the best one that is present
  double confidence = 0;             // of it; if unknown, of the best class
  std::vector<Class> top;            // descending confidence
  std::vector<float> probabilities;  // of all classes; empty unless asked for
};

// Models with the activation sigmoid may give a picture several labels.
bool has_several_labels(const ModelInfo& info);

// Whether the verdict needs the confidences of all classes.
bool needs_probabilities(const FrameSettings& settings, const ModelInfo& info);

// Decides on results of one region in their order in time. One thread at a
// time.
class Judge {
 public:
  // stream_time: of the result's frame; GST_CLOCK_TIME_NONE if it has none.
  // The result is finite and of a model that this is the description of.
  const Verdict& update(const Classification& result, GstClockTime stream_time,
                        const FrameSettings& settings, const ModelInfo& info);

 private:
  void decide_one(const Classification& result, GstClockTime stream_time,
                  const FrameSettings& settings);
  void decide_several(const Classification& result, GstClockTime stream_time,
                      const FrameSettings& settings, const ModelInfo& info);

  Decision one_;
  MultiLabelDecision several_;
  Verdict verdict_;
};

}  // namespace torchclassify
