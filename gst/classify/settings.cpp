// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

namespace torchclassify {
namespace {

constexpr auto kReady = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kReadable =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

constexpr GEnumValue kPrecisions[] = {
    {static_cast<int>(Precision::kAuto), "fp32 on CPU, fp16 on CUDA", "auto"},
    {static_cast<int>(Precision::kFp32), "32-bit floating point", "fp32"},
    {static_cast<int>(Precision::kBf16), "16-bit brain floating point", "bf16"},
    {static_cast<int>(Precision::kFp16), "16-bit floating point", "fp16"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kModes[] = {
    {static_cast<int>(Mode::kEveryFrame), "Each frame waits for its own result",
     "every-frame"},
    {static_cast<int>(Mode::kLatest),
     "Frames never wait and carry the newest result", "latest"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kRegions[] = {
    {static_cast<int>(InferenceRegion::kFullFrame), "The whole frame",
     "full-frame"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kPosts[] = {
    {static_cast<int>(PostMessages::kNone), "No messages", "none"},
    {static_cast<int>(PostMessages::kChange), "When the label changes",
     "change"},
    {static_cast<int>(PostMessages::kAll), "For every frame", "all"},
    {0, nullptr, nullptr}};

// The type's values live as long as the program, as GObject wants.
GType enum_type(const char* name, const GEnumValue* values) {
  const GType known = g_type_from_name(name);
  return known ? known : g_enum_register_static(name, values);
}

void add_enum(GObjectClass* object_class, Property id, const char* name,
              const char* nick, const char* blurb, const char* type,
              const GEnumValue* values, int value, GParamFlags flags) {
  const GType gtype = enum_type(type, values);
  gst_type_mark_as_plugin_api(gtype, static_cast<GstPluginAPIFlags>(0));
  g_object_class_install_property(
      object_class, id,
      g_param_spec_enum(name, nick, blurb, gtype, value, flags));
}

void add(GObjectClass* object_class, Property id, GParamSpec* spec) {
  g_object_class_install_property(object_class, id, spec);
}

void install_model_properties(GObjectClass* c, const Settings& d) {
  add(c, kPropModelFile,
      g_param_spec_string("model-file", "Model file",
                          "Path of the model bundle (.safetensors)", nullptr,
                          kReady));
  add(c, kPropLabelsFile,
      g_param_spec_string("labels-file", "Labels file",
                          "Path of a label file that replaces the bundle's "
                          "class names; unset = the bundle's own",
                          nullptr, kReady));
  add(c, kPropDevice,
      g_param_spec_string("device", "Device",
                          "Where to infer: auto, cpu, cuda or cuda:N",
                          d.classifier.device.c_str(), kReady));
  add_enum(c, kPropPrecision, "precision", "Precision",
           "Number format of the inference", "GstTorchClassifyPrecision",
           kPrecisions, static_cast<int>(d.classifier.precision), kReady);
  add(c, kPropModelInstanceId,
      g_param_spec_string("model-instance-id", "Model instance id",
                          "Elements with different ids do not share an engine",
                          nullptr, kReady));
  add(c, kPropSelfCheck,
      g_param_spec_boolean("self-check", "Self-check",
                           "Compare with the bundle's recorded result when the "
                           "model opens",
                           d.classifier.self_check, kReady));
  add(c, kPropAllowCode,
      g_param_spec_boolean("allow-code", "Allow code",
                           "Permit model files that execute code of their own "
                           "(TorchScript, AOTInductor)",
                           d.classifier.allow_code, kReady));
}

void install_engine_properties(GObjectClass* c, const Settings& d) {
  add(c, kPropBatchSize,
      g_param_spec_uint("batch-size", "Batch size",
                        "Largest batch, pictures; 0 = chosen by device", 0,
                        1024, d.classifier.batch_size, kReady));
  add(c, kPropBatchTimeout,
      g_param_spec_uint64("batch-timeout", "Batch timeout",
                          "Longest wait for a batch to fill, in nanoseconds; "
                          "0 = none",
                          0, 10 * GST_SECOND, d.classifier.batch_timeout_ns,
                          kReady));
  add(c, kPropWorkers,
      g_param_spec_uint("workers", "Workers",
                        "CPU worker threads; 0 = chosen by core count", 0, 256,
                        d.classifier.workers, kReady));
}

void install_result_properties(GObjectClass* c, const Settings& d) {
  add(c, kPropFullFrameObject,
      g_param_spec_boolean("full-frame-object", "Full-frame object",
                           "Also add a detection the size of the frame",
                           d.frame.full_frame_object, kPlaying));
  add(c, kPropClassConfidenceThreshold,
      g_param_spec_double("class-confidence-threshold",
                          "Class confidence threshold",
                          "Confidence, 0 to 1, below which the label is "
                          "\"unknown\"",
                          0, 1, d.frame.class_confidence_threshold, kPlaying));
  add(c, kPropTopK,
      g_param_spec_uint("top-k", "Top k", "How many classes a result carries",
                        1, 1000, d.frame.top_k, kPlaying));
  add_enum(c, kPropPostMessages, "post-messages", "Post messages",
           "When to post results on the bus", "GstTorchClassifyPostMessages",
           kPosts, static_cast<int>(d.frame.post_messages), kPlaying);
  add(c, kPropStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Counters and latencies (nanoseconds) since READY",
                         GST_TYPE_STRUCTURE, kReadable));
  add(c, kPropModelInfo,
      g_param_spec_boxed("model-info", "Model info",
                         "What the open model says of itself",
                         GST_TYPE_STRUCTURE, kReadable));
}

void install_frame_properties(GObjectClass* c, const Settings& d) {
  add_enum(c, kPropMode, "mode", "Mode",
           "Whether frames wait for their own result", "GstTorchClassifyMode",
           kModes, static_cast<int>(d.frame.mode), kPlaying);
  add_enum(c, kPropInferenceRegion, "inference-region", "Inference region",
           "Which part of a frame is classified",
           "GstTorchClassifyInferenceRegion", kRegions,
           static_cast<int>(d.frame.inference_region), kPlaying);
  add(c, kPropInferenceInterval,
      g_param_spec_uint("inference-interval", "Inference interval",
                        "Classify every N-th frame and repeat the result "
                        "between",
                        1, G_MAXINT, d.frame.inference_interval, kPlaying));
  add(c, kPropQos,
      g_param_spec_boolean("qos", "QoS",
                           "Skip inference, never frames, when downstream says "
                           "it is late",
                           d.frame.qos, kPlaying));
}

std::string string_of(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

void take_string(GValue* value, const std::string& text) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

bool set_classifier(ClassifierOptions& o, guint id, const GValue* value) {
  switch (id) {
    case kPropModelFile:
      o.model_file = string_of(value);
      return true;
    case kPropLabelsFile:
      o.labels_file = string_of(value);
      return true;
    case kPropDevice:
      o.device = string_of(value);
      return true;
    case kPropPrecision:
      o.precision = static_cast<Precision>(g_value_get_enum(value));
      return true;
    case kPropBatchSize:
      o.batch_size = static_cast<int>(g_value_get_uint(value));
      return true;
    case kPropBatchTimeout:
      o.batch_timeout_ns = static_cast<gint64>(g_value_get_uint64(value));
      return true;
    case kPropWorkers:
      o.workers = static_cast<int>(g_value_get_uint(value));
      return true;
    case kPropModelInstanceId:
      o.instance_id = string_of(value);
      return true;
    case kPropSelfCheck:
      o.self_check = g_value_get_boolean(value);
      return true;
    case kPropAllowCode:
      o.allow_code = g_value_get_boolean(value);
      return true;
    default:
      return false;
  }
}

bool get_classifier(const ClassifierOptions& o, guint id, GValue* value) {
  switch (id) {
    case kPropModelFile:
      take_string(value, o.model_file);
      return true;
    case kPropLabelsFile:
      take_string(value, o.labels_file);
      return true;
    case kPropDevice:
      take_string(value, o.device);
      return true;
    case kPropPrecision:
      g_value_set_enum(value, static_cast<int>(o.precision));
      return true;
    case kPropBatchSize:
      g_value_set_uint(value, o.batch_size);
      return true;
    case kPropBatchTimeout:
      g_value_set_uint64(value, o.batch_timeout_ns);
      return true;
    case kPropWorkers:
      g_value_set_uint(value, o.workers);
      return true;
    case kPropModelInstanceId:
      take_string(value, o.instance_id);
      return true;
    case kPropSelfCheck:
      g_value_set_boolean(value, o.self_check);
      return true;
    case kPropAllowCode:
      g_value_set_boolean(value, o.allow_code);
      return true;
    default:
      return false;
  }
}

}  // namespace

const char* precision_name(Precision precision) {
  for (const GEnumValue& value : kPrecisions) {
    if (value.value_nick && value.value == static_cast<int>(precision))
      return value.value_nick;
  }
  return "unknown";
}

void install_properties(GObjectClass* object_class) {
  const Settings defaults;
  install_model_properties(object_class, defaults);
  install_engine_properties(object_class, defaults);
  install_frame_properties(object_class, defaults);
  install_result_properties(object_class, defaults);
}

bool set_setting(Settings& s, guint id, const GValue* value) {
  switch (id) {
    case kPropMode:
      s.frame.mode = static_cast<Mode>(g_value_get_enum(value));
      return true;
    case kPropInferenceRegion:
      s.frame.inference_region =
          static_cast<InferenceRegion>(g_value_get_enum(value));
      return true;
    case kPropFullFrameObject:
      s.frame.full_frame_object = g_value_get_boolean(value);
      return true;
    case kPropInferenceInterval:
      s.frame.inference_interval = g_value_get_uint(value);
      return true;
    case kPropClassConfidenceThreshold:
      s.frame.class_confidence_threshold = g_value_get_double(value);
      return true;
    case kPropTopK:
      s.frame.top_k = g_value_get_uint(value);
      return true;
    case kPropPostMessages:
      s.frame.post_messages =
          static_cast<PostMessages>(g_value_get_enum(value));
      return true;
    case kPropQos:
      s.frame.qos = g_value_get_boolean(value);
      return true;
    default:
      return set_classifier(s.classifier, id, value);
  }
}

bool get_setting(const Settings& s, guint id, GValue* value) {
  switch (id) {
    case kPropMode:
      g_value_set_enum(value, static_cast<int>(s.frame.mode));
      return true;
    case kPropInferenceRegion:
      g_value_set_enum(value, static_cast<int>(s.frame.inference_region));
      return true;
    case kPropFullFrameObject:
      g_value_set_boolean(value, s.frame.full_frame_object);
      return true;
    case kPropInferenceInterval:
      g_value_set_uint(value, s.frame.inference_interval);
      return true;
    case kPropClassConfidenceThreshold:
      g_value_set_double(value, s.frame.class_confidence_threshold);
      return true;
    case kPropTopK:
      g_value_set_uint(value, s.frame.top_k);
      return true;
    case kPropPostMessages:
      g_value_set_enum(value, static_cast<int>(s.frame.post_messages));
      return true;
    case kPropQos:
      g_value_set_boolean(value, s.frame.qos);
      return true;
    default:
      return get_classifier(s.classifier, id, value);
  }
}

}  // namespace torchclassify
