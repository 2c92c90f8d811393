// SPDX-License-Identifier: LGPL-2.1-or-later
#include "findings.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "text.h"

namespace torchclassify::overlay {
namespace {

constexpr std::string_view kFullFrame = "full-frame";
constexpr std::string_view kObject = "object";
constexpr double kSameBox = 2;  // pixels that rounding and clamping may move

// 0 is what is not known.
int percent_of(double confidence) {
  if (!(confidence > 0))
    return kNoPercent;
  return static_cast<int>(std::lround(100 * std::min(confidence, 1.0)));
}

Label label_of(const std::string& text, double confidence) {
  return {drawable(text), percent_of(confidence)};
}

const char* text_or_empty(const char* text) { return text ? text : ""; }

bool is_drawn(const TorchClassifyResult& result, const Filter& filter) {
  if (filter.expire && GST_CLOCK_TIME_IS_VALID(result.age) &&
      result.age > filter.expire)
    return false;
  if (result.label_id < 0 && !filter.show_unknown)
    return false;
  return result.confidence >= filter.min_confidence;
}

bool is_drawn(const ObjectLabel& label, const Filter& filter) {
  return label.confidence >= filter.min_confidence;
}

// Every present class of a model of several labels, else the reported one.
std::vector<Label> reported(const TorchClassifyResult& result,
                            const Filter& filter) {
  std::vector<Label> labels;
  for (guint i = 0; i < result.n_top && result.label_id >= 0; ++i) {
    const TorchClassifyClass& c = result.top[i];
    if (c.present && c.confidence >= filter.min_confidence)
      labels.push_back(label_of(text_or_empty(c.label), c.confidence));
  }
  if (labels.empty())
    labels.push_back(label_of(text_or_empty(result.label), result.confidence));
  return labels;
}

Classification classification(const TorchClassifyResult& result,
                              const Filter& filter) {
  Classification said{reported(result, filter), {}};
  for (guint i = 0; i < result.n_top; ++i)
    said.top.push_back(
        label_of(text_or_empty(result.top[i].label), result.top[i].confidence));
  return said;
}

// Another element's classification of the frame or of an object.
Classification classification(const std::vector<ObjectLabel>& labels) {
  Classification said;
  for (const ObjectLabel& label : labels)
    said.top.push_back(label_of(label.label, label.confidence));
  said.reported = {said.top.front()};
  return said;
}

bool says(const TorchClassifyResult& result, const std::string& label) {
  if (label == text_or_empty(result.label))
    return true;
  return std::any_of(result.top, result.top + result.n_top,
                     [&](const TorchClassifyClass& c) {
                       return label == text_or_empty(c.label);
                     });
}

bool same_box(const TorchClassifyResult& result, const Object& object) {
  // Results are about the part of the object inside the frame.
  const auto near = [](double a, double b) {
    return std::abs(a - b) <= kSameBox;
  };
  return near(std::max(object.x, 0.0), result.x) &&
         near(std::max(object.y, 0.0), result.y) &&
         (near(object.x + object.width, result.x + result.width) ||
          object.x + object.width > result.x + result.width) &&
         (near(object.y + object.height, result.y + result.height) ||
          object.y + object.height > result.y + result.height);
}

bool is_about(const TorchClassifyResult& result, const Object& object) {
  const std::string_view kind = text_or_empty(result.object_class);
  if (kind != object.label)
    return false;
  if (result.object_id >= 0 && object.tracking_id >= 0)
    return result.object_id == object.tracking_id;
  return same_box(result, object);
}

Label what_of(const std::string& kind, int tracking_id, double confidence) {
  Label what = label_of(kind, confidence);
  if (tracking_id < 0)
    return what;
  std::string number = "#";
  number += std::to_string(tracking_id);
  if (what.text.empty())
    what.text = number;
  else
    what.text += ' ' + isolated(number);
  return what;
}

Finding finding_of(const Object& object) {
  Finding finding;
  finding.box =
      Box{object.x, object.y, object.width, object.height, object.rotation};
  finding.what = what_of(object.label, object.tracking_id, object.confidence);
  finding.kind = drawable(object.label);
  return finding;
}

// Of an object that nothing on the frame describes any more, or of a region
// that is always there.
Finding finding_of(const TorchClassifyResult& result) {
  const bool object = text_or_empty(result.region) == kObject;
  const char* kind =
      text_or_empty(object ? result.object_class : result.region);
  Finding finding;
  finding.box = Box{
      static_cast<double>(result.x), static_cast<double>(result.y),
      static_cast<double>(result.width), static_cast<double>(result.height), 0};
  finding.what = what_of(kind, object ? result.object_id : -1, 0);
  finding.kind = drawable(kind);
  return finding;
}

class Merger {
 public:
  Merger(const std::vector<Object>& objects, const Filter& filter)
      : objects_(objects), filter_(filter), results_of_(objects.size()) {}

  void add(const TorchClassifyResult& result) {
    if (text_or_empty(result.region) == kFullFrame) {
      of_frame_.push_back(&result);
      if (is_drawn(result, filter_))
        found_.emplace_back().said.push_back(classification(result, filter_));
    } else if (const auto index = object_of(result)) {
      results_of_[*index].push_back(&result);
    } else if (is_drawn(result, filter_)) {
      others_.push_back(finding_of(result));
      others_.back().said.push_back(classification(result, filter_));
    }
  }

  void add(const std::vector<ObjectLabel>& labels) {
    if (labels.empty() || is_known(labels.front().label, of_frame_))
      return;
    if (is_drawn(labels.front(), filter_))
      found_.emplace_back().said.push_back(classification(labels));
  }

  std::vector<Finding> take() {
    std::move(others_.begin(), others_.end(), std::back_inserter(found_));
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      if (objects_[i].confidence == 0 ||
          objects_[i].confidence >= filter_.min_confidence)
        found_.push_back(merged(i));
    }
    return std::move(found_);
  }

 private:
  using Results = std::vector<const TorchClassifyResult*>;

  std::optional<std::size_t> object_of(
      const TorchClassifyResult& result) const {
    const auto object = std::find_if(
        objects_.begin(), objects_.end(),
        [&](const Object& candidate) { return is_about(result, candidate); });
    if (text_or_empty(result.region) != kObject || object == objects_.end())
      return std::nullopt;
    return object - objects_.begin();
  }

  static bool is_known(const std::string& label, const Results& results) {
    return std::any_of(results.begin(), results.end(),
                       [&](const auto* r) { return says(*r, label); });
  }

  Finding merged(std::size_t index) const {
    const Object& object = objects_[index];
    Finding finding = finding_of(object);
    for (const TorchClassifyResult* result : results_of_[index]) {
      if (is_drawn(*result, filter_))
        finding.said.push_back(classification(*result, filter_));
    }
    for (const ObjectLabel& label : object.labels) {
      if (label.label == object.label && finding.what.percent == kNoPercent)
        finding.what.percent = percent_of(label.confidence);
      if (label.label != object.label && is_drawn(label, filter_) &&
          !is_known(label.label, results_of_[index]))
        finding.said.push_back(classification({label}));
    }
    return finding;
  }

  const std::vector<Object>& objects_;
  const Filter& filter_;
  std::vector<Results> results_of_;  // by object
  Results of_frame_;
  std::vector<Finding> found_;
  std::vector<Finding> others_;
};

struct FrameFree {
  void operator()(TorchClassifyFrame* frame) const {
    torchclassify_frame_free(frame);
  }
};
using FramePtr = std::unique_ptr<TorchClassifyFrame, FrameFree>;

std::vector<FramePtr> frames_on(GstBuffer* buffer) {
  std::vector<FramePtr> frames;
  gpointer state = nullptr;
  while (TorchClassifyFrame* frame = torchclassify_frame_next(buffer, &state))
    frames.emplace_back(frame);
  return frames;
}

}  // namespace

std::vector<Finding> merge(
    const std::vector<const TorchClassifyFrame*>& frames,
    const std::vector<Object>& objects,
    const std::vector<std::vector<ObjectLabel>>& frame_labels,
    const Filter& filter) {
  Merger merger(objects, filter);
  for (const TorchClassifyFrame* frame : frames) {
    for (guint i = 0; i < frame->n_results; ++i) merger.add(frame->results[i]);
  }
  for (const auto& labels : frame_labels) merger.add(labels);
  return merger.take();
}

Findings findings_on(GstBuffer* buffer, const Filter& filter) {
  const std::vector<FramePtr> owned = frames_on(buffer);
  std::vector<const TorchClassifyFrame*> frames;
  for (const FramePtr& frame : owned) frames.push_back(frame.get());
  std::vector<Object> objects = objects_on(buffer, kMostObjects + 1);
  const bool crowded = objects.size() > kMostObjects;
  if (crowded)
    objects.pop_back();
  return {merge(frames, objects, frame_labels_on(buffer), filter), crowded};
}

}  // namespace torchclassify::overlay
