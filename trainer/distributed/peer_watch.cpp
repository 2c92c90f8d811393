// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/peer_watch.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace torchclassify {
namespace {

constexpr int kBeatsPerSilence = 10;

}  // namespace

std::string beat_key(int rank) { return "beat/" + std::to_string(rank); }

PeerWatch::PeerWatch(Connect connect, int rank, int size, double silence)
    : connect_(std::move(connect)),
      own_key_(beat_key(rank)),
      silence_(silence),
      oldest_news_(Clock::now().time_since_epoch().count()) {
  for (int other = 0; other < size; ++other) {
    if (other == rank)
      continue;
    keys_.push_back(beat_key(other));
    peers_.push_back({.count = {}, .heard = Clock::now()});
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

bool PeerWatch::somebody_is_lost() const {
  const Clock::time_point news{Clock::duration(oldest_news_.load())};
  return Clock::now() - news > silence_;
}

void PeerWatch::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  c10::intrusive_ptr<c10d::Store> store;
  while (!stop.stop_requested()) {
    try {
      if (!store)
        store = connect_();
      exchange(*store);
    } catch (const std::exception&) {
      store.reset();  // nobody is heard of until it is there again
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, silence_ / kBeatsPerSilence,
                  [] { return false; });
  }
}

void PeerWatch::exchange(c10d::Store& store) {
  store.add(own_key_, 1);
  const auto counts = store.multiGet(keys_);
  const Clock::time_point now = Clock::now();
  Clock::time_point oldest = now;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (counts[i] != peers_[i].count)
      peers_[i] = {.count = counts[i], .heard = now};
    oldest = std::min(oldest, peers_[i].heard);
  }
  oldest_news_ = oldest.time_since_epoch().count();
}

}  // namespace torchclassify
