// SPDX-License-Identifier: LGPL-2.1-or-later
#include "line_queue.h"

#include <algorithm>
#include <utility>

namespace torchclassify {

using Lock = std::unique_lock<std::mutex>;

void LineQueue::push(std::string text, std::size_t limit) {
  const Lock lock(mutex_);
  waiting_.push_back({next_number_++, std::move(text)});
  while (waiting_.size() > limit) {
    waiting_.pop_front();
    ++counts_.dropped;
  }
}

const Line* LineQueue::take() {
  const Lock lock(mutex_);
  if (waiting_.empty())
    return nullptr;
  sent_.push_back({std::move(waiting_.front())});
  waiting_.pop_front();
  ++counts_.sent;
  return &sent_.back().line;
}

std::size_t LineQueue::on_their_way() const {
  const Lock lock(mutex_);
  return sent_.size();
}

bool LineQueue::settle(std::uint64_t number) {
  const auto found =
      std::find_if(sent_.begin(), sent_.end(), [number](const Sent& sent) {
        return sent.line.number == number && !sent.settled;
      });
  if (found == sent_.end())
    return false;
  found->settled = true;
  while (!sent_.empty() && sent_.front().settled) sent_.pop_front();
  changed_.notify_all();
  return true;
}

void LineQueue::acknowledge(std::uint64_t number) {
  const Lock lock(mutex_);
  if (settle(number))
    ++counts_.acknowledged;
}

void LineQueue::fail(std::uint64_t number) {
  const Lock lock(mutex_);
  if (settle(number))
    ++counts_.failed;
}

void LineQueue::rewind() {
  const Lock lock(mutex_);
  for (; !sent_.empty(); sent_.pop_back()) {
    if (!sent_.back().settled)
      waiting_.push_front(std::move(sent_.back().line));
  }
}

std::size_t LineQueue::fail_on_their_way() {
  const Lock lock(mutex_);
  const auto lost = static_cast<std::size_t>(
      std::count_if(sent_.begin(), sent_.end(),
                    [](const Sent& sent) { return !sent.settled; }));
  counts_.failed += lost;
  sent_.clear();
  changed_.notify_all();
  return lost;
}

std::size_t LineQueue::clear() {
  const std::size_t lost = fail_on_their_way();
  const Lock lock(mutex_);
  const std::size_t count = waiting_.size();
  counts_.dropped += count;
  waiting_.clear();
  changed_.notify_all();
  return lost + count;
}

bool LineQueue::empty() const {
  const Lock lock(mutex_);
  return waiting_.empty() && sent_.empty();
}

bool LineQueue::drain(std::chrono::nanoseconds longest) {
  Lock lock(mutex_);
  const auto done = [this] { return waiting_.empty() && sent_.empty(); };
  changed_.wait_for(lock, longest, [&] { return interrupted_ || done(); });
  return done();
}

void LineQueue::interrupt() {
  const Lock lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void LineQueue::resume() {
  const Lock lock(mutex_);
  interrupted_ = false;
}

LineCounts LineQueue::counts() const {
  const Lock lock(mutex_);
  LineCounts counts = counts_;
  counts.queued = waiting_.size() + sent_.size();
  return counts;
}

}  // namespace torchclassify
