// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verdict.h"

#include <algorithm>
#include <numeric>

namespace torchclassify {
namespace {

DecisionOptions decision_options(const FrameSettings& settings) {
  return {.smoothing_time_ns = static_cast<gint64>(settings.smoothing_time),
          .hysteresis = settings.hysteresis,
          .min_dwell_ns = static_cast<gint64>(settings.min_dwell),
          .threshold = settings.class_confidence_threshold};
}

bool remembers(const FrameSettings& settings) {
  return settings.smoothing_time > 0 || settings.hysteresis > 0 ||
         settings.min_dwell > 0;
}

std::optional<std::int64_t> time_of(GstClockTime stream_time) {
  if (!GST_CLOCK_TIME_IS_VALID(stream_time))
    return std::nullopt;
  return static_cast<std::int64_t>(stream_time);
}

// Equal confidences: the smaller label id first.
std::vector<Verdict::Class> best(std::span<const float> probabilities,
                                 std::size_t count) {
  std::vector<int> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<long>(count),
                    order.end(), [&](int a, int b) {
                      return probabilities[a] != probabilities[b]
                                 ? probabilities[a] > probabilities[b]
                                 : a < b;
                    });
  std::vector<Verdict::Class> classes(count);
  for (std::size_t i = 0; i < count; ++i)
    classes[i] = {order[i], probabilities[order[i]], false};
  return classes;
}

}  // namespace

bool has_several_labels(const ModelInfo& info) {
  return info.activation == Activation::kSigmoid;
}

bool needs_probabilities(const FrameSettings& settings, const ModelInfo& info) {
  return remembers(settings) || settings.tensor_meta ||
         has_several_labels(info);
}

const Verdict& Judge::update(const Classification& result,
                             GstClockTime stream_time,
                             const FrameSettings& settings,
                             const ModelInfo& info) {
  if (has_several_labels(info) && !result.probabilities.empty())
    decide_several(result, stream_time, settings, info);
  else
    decide_one(result, stream_time, settings);
  if (settings.tensor_meta)
    verdict_.probabilities = result.probabilities;
  else
    verdict_.probabilities.clear();
  return verdict_;
}

void Judge::decide_one(const Classification& result, GstClockTime stream_time,
                       const FrameSettings& settings) {
  verdict_.top.clear();
  if (remembers(settings) && !result.probabilities.empty()) {
    const Decision::Report report = one_.update(
        time_of(stream_time), result.probabilities, decision_options(settings));
    verdict_.top = best(report.probabilities, settings.top_k);
    verdict_.label_id = report.label_id;
    verdict_.confidence = report.confidence;
  } else {
    one_.reset();
    for (const Prediction& each : result.top)
      verdict_.top.push_back({each.label_id, each.confidence, false});
    verdict_.confidence = result.top.empty() ? 0 : result.top[0].confidence;
    const bool known =
        !result.top.empty() &&
        verdict_.confidence >= settings.class_confidence_threshold;
    verdict_.label_id = known ? result.top[0].label_id : kUnknownLabelId;
  }
  for (Verdict::Class& each : verdict_.top)
    each.present = each.label_id == verdict_.label_id;
}

// All that are present, and as many of the others as top-k asks for.
void Judge::decide_several(const Classification& result,
                           GstClockTime stream_time,
                           const FrameSettings& settings,
                           const ModelInfo& info) {
  const MultiLabelDecision::Report report =
      several_.update(time_of(stream_time), result.probabilities,
                      decision_options(settings), info.thresholds);
  const std::span<const int> present = report.label_ids;
  std::vector<Verdict::Class> all =
      best(report.probabilities, report.probabilities.size());
  verdict_.top.clear();
  verdict_.label_id = kUnknownLabelId;
  verdict_.confidence = all.empty() ? 0 : all[0].confidence;
  for (Verdict::Class& each : all) {
    each.present =
        std::binary_search(present.begin(), present.end(), each.label_id);
    if (each.present && verdict_.label_id == kUnknownLabelId) {
      verdict_.label_id = each.label_id;
      verdict_.confidence = each.confidence;
    }
    if (each.present || verdict_.top.size() < settings.top_k)
      verdict_.top.push_back(each);
  }
}

}  // namespace torchclassify
