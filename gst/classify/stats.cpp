// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stats.h"

#include "properties.h"

namespace torchclassify {
namespace {

void set_latency(GstStructure* structure, const char* name,
                 const LatencyPercentiles& latency) {
  const std::string prefix = name;
  gst_structure_set(structure, (prefix + "-p50").c_str(), G_TYPE_UINT64,
                    static_cast<guint64>(latency.p50_ns),
                    (prefix + "-p99").c_str(), G_TYPE_UINT64,
                    static_cast<guint64>(latency.p99_ns), nullptr);
}

void set_engine(GstStructure* structure, const Statistics& statistics) {
  const double mean =
      statistics.batches
          ? static_cast<double>(statistics.inferred) / statistics.batches
          : 0;
  gst_structure_set(structure, "batches", G_TYPE_UINT64,
                    static_cast<guint64>(statistics.batches), "mean-batch",
                    G_TYPE_DOUBLE, mean, "queue-depth", G_TYPE_INT,
                    statistics.queue_depth, "device", G_TYPE_STRING,
                    statistics.device.c_str(), "precision", G_TYPE_STRING,
                    precision_name(statistics.precision), nullptr);
  set_latency(structure, "preprocess", statistics.preprocess);
  set_latency(structure, "inference", statistics.inference);
  set_latency(structure, "engine-latency", statistics.added);
}

}  // namespace

void Counters::reset() {
  for (auto* counter : {&frames, &inferred, &skipped, &stale, &overdue,
                        &left_out, &not_finite, &swaps})
    *counter = 0;
  most_now_ = most_before_ = 0;
  added.reset();
}

void Counters::note_regions(int count) {
  int most = most_now_;
  while (count > most && !most_now_.compare_exchange_weak(most, count)) {
  }
}

StructurePtr stats_structure(const Counters& counters,
                             const Classifier* classifier) {
  StructurePtr structure(gst_structure_new(
      "stats", "frames", G_TYPE_UINT64, counters.frames.load(), "inferred",
      G_TYPE_UINT64, counters.inferred.load(), "skipped", G_TYPE_UINT64,
      counters.skipped.load(), "stale", G_TYPE_UINT64, counters.stale.load(),
      "overdue", G_TYPE_UINT64, counters.overdue.load(), "left-out",
      G_TYPE_UINT64, counters.left_out.load(), "not-finite", G_TYPE_UINT64,
      counters.not_finite.load(), "model-swaps", G_TYPE_UINT64,
      counters.swaps.load(), nullptr));
  set_latency(structure.get(), "added-latency", counters.added.percentiles());
  if (classifier)
    set_engine(structure.get(), classifier->statistics());
  return structure;
}

StructurePtr model_info_structure(const Classifier* classifier) {
  StructurePtr structure(gst_structure_new_empty("model-info"));
  if (!classifier)
    return structure;
  const ModelInfo& info = classifier->info();
  GValue classes = G_VALUE_INIT;
  g_value_init(&classes, GST_TYPE_LIST);
  for (const std::string& name : classifier->classes()) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_STRING);
    g_value_set_string(&value, name.c_str());
    gst_value_list_append_and_take_value(&classes, &value);
  }
  gst_structure_set(structure.get(), "architecture", G_TYPE_STRING,
                    info.architecture.c_str(), "width", G_TYPE_INT,
                    info.preprocessing.crop_width, "height", G_TYPE_INT,
                    info.preprocessing.crop_height, "channels", G_TYPE_INT,
                    info.preprocessing.channels, nullptr);
  gst_structure_take_value(structure.get(), "classes", &classes);
  return structure;
}

}  // namespace torchclassify
