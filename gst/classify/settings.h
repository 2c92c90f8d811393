// SPDX-License-Identifier: LGPL-2.1-or-later
// The values of torchclassify's properties.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "torchclassify/classifier.h"
#include "torchclassify/error.h"

namespace torchclassify {

enum class Mode { kEveryFrame, kLatest };
enum class InferenceRegion { kFullFrame, kRoiList, kStatic };
enum class PostMessages { kNone, kChange, kAll };

// Read for each frame.
struct FrameSettings {
  Mode mode = Mode::kEveryFrame;
  InferenceRegion inference_region = InferenceRegion::kFullFrame;
  std::string static_regions;  // as parse_static_regions() takes them
  std::string object_class;    // names, comma-separated; empty: all
  guint object_min_width = 0;  // pixels, as the next three
  guint object_min_height = 0;
  guint object_max_width = 0;  // 0: no limit
  guint object_max_height = 0;
  bool full_frame_object = false;
  bool tensor_meta = false;
  guint inference_interval = 1;   // frames
  guint reclassify_interval = 1;  // frames; 0: once
  double class_confidence_threshold = 0;
  guint64 smoothing_time = 0;  // nanoseconds
  double hysteresis = 0;       // of confidence
  guint64 min_dwell = 0;       // nanoseconds
  guint top_k = 1;
  PostMessages post_messages = PostMessages::kChange;
  bool qos = true;
};

// The one place of the defaults.
struct Settings {
  ClassifierOptions classifier;  // read when the model opens
  bool watch_model_file = false;
  FrameSettings frame;
};

enum Property : guint {
  kPropModelFile = 1,
  kPropLabelsFile,
  kPropDevice,
  kPropPrecision,
  kPropMode,
  kPropInferenceRegion,
  kPropStaticRegions,
  kPropObjectClass,
  kPropObjectMinWidth,
  kPropObjectMinHeight,
  kPropObjectMaxWidth,
  kPropObjectMaxHeight,
  kPropFullFrameObject,
  kPropTensorMeta,
  kPropInferenceInterval,
  kPropReclassifyInterval,
  kPropClassConfidenceThreshold,
  kPropSmoothingTime,
  kPropHysteresis,
  kPropMinDwell,
  kPropTopK,
  kPropBatchSize,
  kPropBatchTimeout,
  kPropWorkers,
  kPropModelInstanceId,
  kPropWatchModelFile,
  kPropPostMessages,
  kPropSelfCheck,
  kPropAllowCode,
  kPropQos,
  kPropStats,      // read-only: not of Settings
  kPropModelInfo,  // read-only: not of Settings
};

// What contradicts itself; some_static: static-regions names one or more.
std::optional<Error> contradiction_of_regions(const FrameSettings& settings,
                                              bool some_static);
// What this build cannot do.
std::optional<Error> refusal_of_tensors(const FrameSettings& settings);

// What a set-up can be refused for before its first frame, but for its model:
// both of these, and static-regions. Throws Error.
void check_settings(const Settings& settings);

// False if the property is not one of Settings. The caller holds the lock.
bool set_setting(Settings& settings, guint id, const GValue* value);
bool get_setting(const Settings& settings, guint id, GValue* value);

}  // namespace torchclassify
