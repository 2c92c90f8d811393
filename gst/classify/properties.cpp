// SPDX-License-Identifier: LGPL-2.1-or-later
#include "properties.h"

#include "property_fields.h"

namespace torchclassify {
namespace {

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
    {static_cast<int>(InferenceRegion::kRoiList),
     "Each object that elements before have found", "roi-list"},
    {static_cast<int>(InferenceRegion::kStatic),
     "Each part that static-regions names", "static"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kPosts[] = {
    {static_cast<int>(PostMessages::kNone), "No messages", "none"},
    {static_cast<int>(PostMessages::kChange), "When the label changes",
     "change"},
    {static_cast<int>(PostMessages::kAll), "For every frame", "all"},
    {0, nullptr, nullptr}};

void install_model_properties(GObjectClass* c, const Settings& d) {
  add(c, kPropModelFile,
      g_param_spec_string("model-file", "Model file",
                          "Path of the model bundle (.safetensors); set while "
                          "playing, it replaces the model that is in use",
                          nullptr, kPlaying));
  add(c, kPropLabelsFile,
      g_param_spec_string("labels-file", "Labels file",
                          "Path of a label file that replaces the bundle's "
                          "class names; unset = the bundle's own; counts when "
                          "the model opens",
                          nullptr, kPlaying));
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
  add(c, kPropWatchModelFile,
      g_param_spec_boolean("watch-model-file", "Watch model file",
                           "Replace the model that is in use when its file is "
                           "replaced or written",
                           d.watch_model_file, kPlaying));
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
  add(c, kPropTensorMeta,
      g_param_spec_boolean("tensor-meta", "Tensor meta",
                           "Also add the confidences of all classes as a "
                           "GstTensorMeta (GStreamer 1.26 or newer)",
                           d.frame.tensor_meta, kPlaying));
  add(c, kPropClassConfidenceThreshold,
      g_param_spec_double("class-confidence-threshold",
                          "Class confidence threshold",
                          "Confidence, 0 to 1, below which the label is "
                          "\"unknown\"",
                          0, 1, d.frame.class_confidence_threshold, kPlaying));
  add(c, kPropSmoothingTime,
      g_param_spec_uint64("smoothing-time", "Smoothing time",
                          "Time constant, in nanoseconds of stream time, over "
                          "which confidences are smoothed; 0 = none",
                          0, G_MAXINT64, d.frame.smoothing_time, kPlaying));
  add(c, kPropHysteresis,
      g_param_spec_double("hysteresis", "Hysteresis",
                          "Confidence, 0 to 1, by which a new label must lead "
                          "the current one",
                          0, 1, d.frame.hysteresis, kPlaying));
  add(c, kPropMinDwell,
      g_param_spec_uint64("min-dwell", "Minimum dwell",
                          "How long, in nanoseconds of stream time, a new "
                          "label must hold before it is reported; 0 = not",
                          0, G_MAXINT64, d.frame.min_dwell, kPlaying));
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
  add(c, kPropStaticRegions,
      g_param_spec_string("static-regions", "Static regions",
                          "Regions of a fixed camera: name=x,y,width,height;"
                          "... in pixels, or all at most 1: shares of the "
                          "frame",
                          nullptr, kPlaying));
  add(c, kPropInferenceInterval,
      g_param_spec_uint("inference-interval", "Inference interval",
                        "Classify every N-th frame and repeat the result "
                        "between",
                        1, G_MAXINT, d.frame.inference_interval, kPlaying));
  add(c, kPropReclassifyInterval,
      g_param_spec_uint("reclassify-interval", "Reclassify interval",
                        "Frames from one inference of a tracked object to its "
                        "next; 0 = classify it once",
                        0, G_MAXINT, d.frame.reclassify_interval, kPlaying));
  add(c, kPropQos,
      g_param_spec_boolean("qos", "QoS",
                           "Skip inference, never frames, when downstream says "
                           "it is late",
                           d.frame.qos, kPlaying));
}

struct ObjectSize {
  Property id;
  const char* name;
  const char* nick;
  const char* blurb;
};
constexpr ObjectSize kObjectSizes[] = {
    {kPropObjectMinWidth, "object-min-width", "Object minimum width",
     "Classify only objects at least this wide, in pixels"},
    {kPropObjectMinHeight, "object-min-height", "Object minimum height",
     "Classify only objects at least this high, in pixels"},
    {kPropObjectMaxWidth, "object-max-width", "Object maximum width",
     "Classify only objects at most this wide, in pixels; 0 = no limit"},
    {kPropObjectMaxHeight, "object-max-height", "Object maximum height",
     "Classify only objects at most this high, in pixels; 0 = no limit"},
};

void install_object_properties(GObjectClass* c) {
  add(c, kPropObjectClass,
      g_param_spec_string("object-class", "Object class",
                          "Classify only objects of these classes, "
                          "comma-separated; unset = of all",
                          nullptr, kPlaying));
  for (const ObjectSize& size : kObjectSizes)
    add(c, size.id,
        g_param_spec_uint(size.name, size.nick, size.blurb, 0, G_MAXINT, 0,
                          kPlaying));
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
  install_object_properties(object_class);
  install_result_properties(object_class, defaults);
}

}  // namespace torchclassify
