// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is still there? Each process counts up at a place that all can see.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <torch/csrc/distributed/c10d/Store.hpp>

namespace torchclassify {

// The key that a process counts at.
std::string beat_key(int rank);

// Sees what closed connections do not tell: a machine that lost its power or
// network.
class PeerWatch {
 public:
  using Connect = std::function<c10::intrusive_ptr<c10d::Store>()>;

  // Every process has counted once. connect: makes a connection of its own; it
  // is called in another thread, again after a failure. silence: seconds.
  PeerWatch(Connect connect, int rank, int size, double silence);

  // Somebody has not been heard of for that long.
  bool somebody_is_lost() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Peer {
    std::vector<std::uint8_t> count;
    Clock::time_point heard;
  };

  void run(const std::stop_token& stop);
  void exchange(c10d::Store& store);

  const Connect connect_;
  const std::string own_key_;
  const std::chrono::duration<double> silence_;
  std::vector<std::string> keys_;  // of the others
  std::vector<Peer> peers_;        // the thread's own
  std::atomic<Clock::rep> oldest_news_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace torchclassify
