// SPDX-License-Identifier: LGPL-2.1-or-later
#include "histories.h"

#include <algorithm>
#include <utility>

namespace torchclassify {
namespace {

// Shares more than half of itself: it can be of one object only.
constexpr double kSamePlace = 0.5;

}  // namespace

void Histories::take(const Request& request, const FrameSettings& settings,
                     const ModelInfo& info) {
  if (request.key.empty()) {
    take_untracked(request, settings, info);
    return;
  }
  History& history = histories_[request.key];
  if (request.number < history.number)
    return;
  history.number = request.number;
  history.pts = request.pts;
  history.verdict =
      history.judge.update(request.result, request.stream_time, settings, info);
}

void Histories::take_untracked(const Request& request,
                               const FrameSettings& settings,
                               const ModelInfo& info) {
  if (request.frame < untracked_frame_)
    return;
  if (request.frame > untracked_frame_)
    before_ = std::exchange(untracked_, {});
  untracked_frame_ = request.frame;
  Judge judge;
  untracked_.push_back(
      {request.box, request.number,
       judge.update(request.result, request.stream_time, settings, info),
       request.pts});
}

void Histories::forget_untracked(std::uint64_t frame) {
  if (frame < untracked_frame_)
    return;
  untracked_frame_ = frame;
  untracked_.clear();
  before_.clear();
}

const Histories::Untracked* Histories::nearest(
    const std::vector<Untracked>& all, const Box& box) {
  const Untracked* found = nullptr;
  double most = kSamePlace;
  for (const Untracked& other : all) {
    const double shared = overlap(other.box, box);
    if (shared > most) {
      most = shared;
      found = &other;
    }
  }
  return found;
}

// Not by its place: two that lie turned may have the same rectangle around.
const Histories::Untracked* Histories::own(const Part& part) const {
  if (!part.request)
    return nullptr;
  const auto found =
      std::find_if(untracked_.begin(), untracked_.end(),
                   [number = part.request->number](const Untracked& each) {
                     return each.number == number;
                   });
  return found == untracked_.end() ? nullptr : &*found;
}

std::optional<Known> Histories::recall(const Part& part) {
  const Region& region = part.region;
  if (!region.key.empty()) {
    History* history = histories_.find(region.key);
    if (!history)
      return std::nullopt;
    return Known{&history->verdict, history->pts, &history->posted_label};
  }
  const Untracked* found = own(part);
  if (!found)
    found = nearest(untracked_, region.box);
  if (!found)
    found = nearest(before_, region.box);
  if (!found)
    return std::nullopt;
  return Known{&found->verdict, found->pts, nullptr};
}

void Histories::clear() {
  histories_.clear();
  untracked_.clear();
  before_.clear();
  untracked_frame_ = 0;
}

}  // namespace torchclassify
