// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/batcher.h"

#include <algorithm>
#include <utility>

namespace torchclassify {

Batcher::Batcher(const BatcherOptions& options, Run run, Alarm alarm)
    : options_(options), run_(std::move(run)), alarm_(std::move(alarm)) {}

Batcher::Slot Batcher::reserve() {
  const std::lock_guard lock(mutex_);
  if (!filling_)
    filling_ = take_empty();
  Batch* const batch = filling_.get();
  const std::size_t index = batch->requests.size();
  batch->requests.emplace_back();
  ++depth_;
  if (batch->requests.size() == options_.batch_size)
    full_.push_back(std::move(filling_));
  return {batch, index, batch->input.data() + index * options_.picture_size};
}

void Batcher::commit(const Slot& slot, Request request) {
  Batches due;
  Clock::time_point alarm{};
  {
    const std::lock_guard lock(mutex_);
    slot.batch->requests[slot.index] = std::move(request);
    mark_written(*slot.batch);
    // One look at the clock: a deadline is due or still to come, never neither.
    const Clock::time_point now = Clock::now();
    due = take_due(now);
    // The first place's commit sets the batch's one alarm; later ones, should
    // they come after it, find the batch due by themselves.
    if (slot.index == 0 && filling_.get() == slot.batch &&
        filling_->deadline > now)
      alarm = filling_->deadline;
  }
  run_all(std::move(due));
  if (alarm != Clock::time_point{})
    alarm_(alarm);
}

void Batcher::abandon(const Slot& slot) {
  std::fill_n(slot.input, options_.picture_size, 0.0f);
  commit(slot, {});
}

void Batcher::poll() {
  Batches due;
  {
    const std::lock_guard lock(mutex_);
    due = take_due(Clock::now());
  }
  run_all(std::move(due));
}

void Batcher::finished(std::unique_ptr<Batch> batch) {
  Batches due;
  {
    const std::lock_guard lock(mutex_);
    --running_;
    depth_ -= static_cast<int>(batch->requests.size());
    batch->requests.clear();
    batch->written = 0;
    empty_.push_back(std::move(batch));
    due = take_due(Clock::now());
  }
  run_all(std::move(due));
}

int Batcher::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return depth_;
}

std::unique_ptr<Batch> Batcher::take_empty() {
  std::unique_ptr<Batch> batch;
  if (empty_.empty()) {
    batch = std::make_unique<Batch>();
    batch->input.resize(options_.batch_size * options_.picture_size);
    batch->requests.reserve(options_.batch_size);
  } else {
    batch = std::move(empty_.back());
    empty_.pop_back();
  }
  batch->deadline = Clock::now() + options_.timeout;
  return batch;
}

void Batcher::mark_written(Batch& batch) {
  if (++batch.written < options_.batch_size)
    return;
  const auto found = std::find_if(
      full_.begin(), full_.end(),
      [&batch](const auto& candidate) { return candidate.get() == &batch; });
  ready_.push_back(std::move(*found));
  full_.erase(found);
}

Batcher::Batches Batcher::take_due(Clock::time_point now) {
  Batches due;
  for (; running_ < options_.workers; ++running_) {
    if (!ready_.empty()) {
      due.push_back(std::move(ready_.front()));
      ready_.pop_front();
    } else if (filling_ && filling_->written == filling_->requests.size() &&
               filling_->deadline <= now) {
      due.push_back(std::move(filling_));
    } else {
      break;
    }
  }
  return due;
}

void Batcher::run_all(Batches batches) {
  for (auto& batch : batches) run_(std::move(batch));
}

}  // namespace torchclassify
