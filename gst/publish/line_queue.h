// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines that wait to be sent and those on their way, in order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "transport.h"

namespace torchclassify {

// Of lines, since the queue was made.
struct LineCounts {
  std::uint64_t queued = 0;        // now: waiting or on their way
  std::uint64_t sent = 0;          // handed to the transport, again or not
  std::uint64_t acknowledged = 0;  // safe
  std::uint64_t dropped = 0;       // not sent: no room, or no time at the end
  std::uint64_t failed = 0;        // sent and refused, or perhaps lost
};

// Any thread, but for what says otherwise. Only drain() waits.
class LineQueue {
 public:
  // Where more than `limit` lines wait then, the oldest of them are dropped.
  void push(std::string text, std::size_t limit);

  // The sender's thread: the next line is on its way; null if none waits. The
  // line stays where it is until it is settled.
  const Line* take();
  std::size_t on_their_way() const;
  // The line is done with. A number that is not on its way says nothing.
  void acknowledge(std::uint64_t number);
  void fail(std::uint64_t number);
  // All that are on their way wait again, in front and in order.
  void rewind();
  // All that are on their way are given up; how many.
  std::size_t fail_on_their_way();
  // All lines are given up; how many.
  std::size_t clear();

  bool empty() const;
  // Waits until the queue is empty, but no longer than this, and not after
  // interrupt() until resume(). Whether it is empty.
  bool drain(std::chrono::nanoseconds longest);
  void interrupt();
  void resume();
  LineCounts counts() const;

 private:
  struct Sent {
    Line line;
    bool settled = false;
  };
  bool settle(std::uint64_t number);

  mutable std::mutex mutex_;  // protects all that follows
  std::condition_variable changed_;
  std::deque<Line> waiting_;
  std::deque<Sent> sent_;  // on their way; the first is not settled
  std::uint64_t next_number_ = 0;
  bool interrupted_ = false;
  LineCounts counts_;  // but for queued
};

}  // namespace torchclassify
