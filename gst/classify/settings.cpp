// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include <type_traits>
#include <variant>

#include "static_regions.h"
#include "tensors.h"

namespace torchclassify {
namespace {

using Field = std::variant<std::monostate, std::string*, bool*, int*, guint*,
                           gint64*, guint64*, double*, Precision*, Mode*,
                           InferenceRegion*, PostMessages*>;

Field model_field(ClassifierOptions& o, guint id) {
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

Field region_field(FrameSettings& s, guint id) {
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

Field result_field(FrameSettings& s, guint id) {
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
Field field_of(Settings& settings, guint id) {
  if (id == kPropWatchModelFile)
    return &settings.watch_model_file;
  for (const Field& field :
       {model_field(settings.classifier, id), region_field(settings.frame, id),
        result_field(settings.frame, id)}) {
    if (field.index() != 0)
      return field;
  }
  return std::monostate{};
}

template <typename Value>
void read(const GValue* from, Value& to) {
  if constexpr (std::is_same_v<Value, std::string>) {
    const char* text = g_value_get_string(from);
    to = text ? text : "";
  } else if constexpr (std::is_enum_v<Value>) {
    to = static_cast<Value>(g_value_get_enum(from));
  } else if constexpr (std::is_same_v<Value, bool>) {
    to = g_value_get_boolean(from);
  } else if constexpr (std::is_same_v<Value, double>) {
    to = g_value_get_double(from);
  } else if constexpr (sizeof(Value) == sizeof(guint64)) {
    to = static_cast<Value>(g_value_get_uint64(from));
  } else {
    to = static_cast<Value>(g_value_get_uint(from));
  }
}

template <typename Value>
void write(const Value& from, GValue* to) {
  if constexpr (std::is_same_v<Value, std::string>)
    g_value_set_string(to, from.empty() ? nullptr : from.c_str());
  else if constexpr (std::is_enum_v<Value>)
    g_value_set_enum(to, static_cast<int>(from));
  else if constexpr (std::is_same_v<Value, bool>)
    g_value_set_boolean(to, from);
  else if constexpr (std::is_same_v<Value, double>)
    g_value_set_double(to, from);
  else if constexpr (sizeof(Value) == sizeof(guint64))
    g_value_set_uint64(to, static_cast<guint64>(from));
  else
    g_value_set_uint(to, static_cast<guint>(from));
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
  return std::visit(
      [value](auto field) {
        if constexpr (std::is_pointer_v<decltype(field)>) {
          read(value, *field);
          return true;
        }
        return false;
      },
      field_of(settings, id));
}

bool get_setting(const Settings& settings, guint id, GValue* value) {
  // Only read through: one list of the fields serves both ways.
  return std::visit(
      [value](auto field) {
        if constexpr (std::is_pointer_v<decltype(field)>) {
          write(*field, value);
          return true;
        }
        return false;
      },
      field_of(const_cast<Settings&>(settings), id));
}

}  // namespace torchclassify
