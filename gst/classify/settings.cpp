// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include "property_fields.h"
#include "static_regions.h"
#include "tensors.h"

namespace torchclassify {
namespace {

using SettingField = Field<Precision, Mode, InferenceRegion, PostMessages>;

SettingField model_field(ClassifierOptions& o, guint id) {
  switch (id) {
    case kPropModelFile:
      return &o.model_file;
    case kPropLabelsFile:
      return &o.labels_file;
    case kPropDevice:
      return &o.device;
    case kPropPrecision:
      return &o.precision;
    case kPropBatchSize:
      return &o.batch_size;
    case kPropBatchTimeout:
      return &o.batch_timeout_ns;
    case kPropWorkers:
      return &o.workers;
    case kPropModelInstanceId:
      return &o.instance_id;
    case kPropSelfCheck:
      return &o.self_check;
    case kPropAllowCode:
      return &o.allow_code;
    default:
      return std::monostate{};
  }
}

SettingField region_field(FrameSettings& s, guint id) {
  switch (id) {
    case kPropInferenceRegion:
      return &s.inference_region;
    case kPropStaticRegions:
      return &s.static_regions;
    case kPropObjectClass:
      return &s.object_class;
    case kPropObjectMinWidth:
      return &s.object_min_width;
    case kPropObjectMinHeight:
      return &s.object_min_height;
    case kPropObjectMaxWidth:
      return &s.object_max_width;
    case kPropObjectMaxHeight:
      return &s.object_max_height;
    case kPropInferenceInterval:
      return &s.inference_interval;
    case kPropReclassifyInterval:
      return &s.reclassify_interval;
    default:
      return std::monostate{};
  }
}

SettingField result_field(FrameSettings& s, guint id) {
  switch (id) {
    case kPropMode:
      return &s.mode;
    case kPropFullFrameObject:
      return &s.full_frame_object;
    case kPropTensorMeta:
      return &s.tensor_meta;
    case kPropClassConfidenceThreshold:
      return &s.class_confidence_threshold;
    case kPropSmoothingTime:
      return &s.smoothing_time;
    case kPropHysteresis:
      return &s.hysteresis;
    case kPropMinDwell:
      return &s.min_dwell;
    case kPropTopK:
      return &s.top_k;
    case kPropPostMessages:
      return &s.post_messages;
    case kPropQos:
      return &s.qos;
    default:
      return std::monostate{};
  }
}

// Empty if the property is not one of Settings.
SettingField field_of(Settings& settings, guint id) {
  if (id == kPropWatchModelFile)
    return &settings.watch_model_file;
  for (const SettingField& field :
       {model_field(settings.classifier, id), region_field(settings.frame, id),
        result_field(settings.frame, id)}) {
    if (field.index() != 0)
      return field;
  }
  return std::monostate{};
}

std::optional<Error> contradiction_of_sides(const char* side, guint least,
                                            guint most) {
  if (most == 0 || least <= most)
    return std::nullopt;
  const std::string name = side;
  return Error(ErrorCode::kInvalidArgument,
               "expected object-min-" + name + " to be at most object-max-" +
                   name + ", got " + std::to_string(least) + " and " +
                   std::to_string(most));
}

}  // namespace

std::optional<Error> contradiction_of_regions(const FrameSettings& settings,
                                              bool some_static) {
  if (settings.inference_region == InferenceRegion::kStatic && !some_static)
    return Error(ErrorCode::kInvalidArgument,
                 "expected static-regions to name the regions of "
                 "inference-region=static, got none");
  if (auto sides = contradiction_of_sides("width", settings.object_min_width,
                                          settings.object_max_width))
    return sides;
  return contradiction_of_sides("height", settings.object_min_height,
                                settings.object_max_height);
}

std::optional<Error> refusal_of_tensors(const FrameSettings& settings) {
  if (!settings.tensor_meta || have_tensors())
    return std::nullopt;
  return Error(ErrorCode::kUnsupported,
               "expected tensor-meta=false, for this was built for a "
               "GStreamer older than 1.26, got true");
}

void check_settings(const Settings& settings) {
  const FrameSettings& frame = settings.frame;
  const bool some = !parse_static_regions(frame.static_regions).empty();
  for (const auto& refusal :
       {contradiction_of_regions(frame, some), refusal_of_tensors(frame)}) {
    if (refusal)
      throw *refusal;
  }
}

bool set_setting(Settings& settings, guint id, const GValue* value) {
  return set_field(field_of(settings, id), value);
}

bool get_setting(const Settings& settings, guint id, GValue* value) {
  // Only read through: one list of the fields serves both ways.
  return get_field(field_of(const_cast<Settings&>(settings), id), value);
}

}  // namespace torchclassify
