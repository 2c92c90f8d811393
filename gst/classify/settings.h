// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of torchclassify: their values, and their place in GObject.
#pragma once

#include <gst/gst.h>

#include <string>

#include "torchclassify/classifier.h"

namespace torchclassify {

enum class Mode { kEveryFrame, kLatest };
enum class InferenceRegion { kFullFrame };
enum class PostMessages { kNone, kChange, kAll };

// Read for each frame: cheap to copy.
struct FrameSettings {
  Mode mode = Mode::kEveryFrame;
  InferenceRegion inference_region = InferenceRegion::kFullFrame;
  bool full_frame_object = false;
  guint inference_interval = 1;  // frames
  double class_confidence_threshold = 0;
  guint top_k = 1;
  PostMessages post_messages = PostMessages::kChange;
  bool qos = true;
};

// The one place of the defaults.
struct Settings {
  ClassifierOptions classifier;  // read when the model opens
  FrameSettings frame;
};

enum Property : guint {
  kPropModelFile = 1,
  kPropLabelsFile,
  kPropDevice,
  kPropPrecision,
  kPropMode,
  kPropInferenceRegion,
  kPropFullFrameObject,
  kPropInferenceInterval,
  kPropClassConfidenceThreshold,
  kPropTopK,
  kPropBatchSize,
  kPropBatchTimeout,
  kPropWorkers,
  kPropModelInstanceId,
  kPropPostMessages,
  kPropSelfCheck,
  kPropAllowCode,
  kPropQos,
  kPropStats,      // read-only: not of Settings
  kPropModelInfo,  // read-only: not of Settings
};

const char* precision_name(Precision precision);
void install_properties(GObjectClass* object_class);
// False if the property is not one of Settings. The caller holds the lock.
bool set_setting(Settings& settings, guint id, const GValue* value);
bool get_setting(const Settings& settings, guint id, GValue* value);

}  // namespace torchclassify
