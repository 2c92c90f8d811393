// SPDX-License-Identifier: LGPL-2.1-or-later
// The thread that sends lines, through outages of the broker.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "backoff.h"
#include "line_queue.h"
#include "torchclassify/error.h"
#include "transport.h"
#include "wakeup.h"

namespace torchclassify {

// Told by the sender's thread.
class SenderListener {
 public:
  // Once per outage, and each time that the broker refuses this client.
  virtual void warn(const std::string& text) = 0;
  // The outage is over.
  virtual void inform(const std::string& text) = 0;
  // Nothing more will be sent.
  virtual void fail(const Error& error) = 0;

 protected:
  ~SenderListener() = default;
};

// Destroying it stops it.
class Sender final : private TransportListener {
 public:
  // Starts at once. The listener must outlive it. Lines that a lost connection
  // leaves unacknowledged are sent again, if `again`, else given up.
  Sender(std::unique_ptr<Transport> transport, bool again,
         SenderListener& listener);
  ~Sender();

  // Any thread; never waits.
  void publish(std::string line, std::size_t limit);
  bool has_failed() const { return failed_; }
  bool is_connected() const { return connected_; }
  std::uint64_t reconnects() const { return reconnects_; }
  LineQueue& queue() { return queue_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  bool finished() const;
  void step();
  void connect_if_due();
  void hand_over();
  void wait();
  int milliseconds_to_wait() const;
  void recover(const Error& error);
  void report_outage(const std::string& reason, bool refused);
  void end();

  void connected() override;
  void acknowledged(std::uint64_t number) override;
  void failed(std::uint64_t number, const std::string& reason) override;
  void trouble(const std::string& reason, bool refused) override;

  SenderListener& listener_;
  const bool again_;
  LineQueue queue_;  // has its own lock
  Wakeup wakeup_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> connected_{false};
  std::atomic<std::uint64_t> reconnects_{0};
  Clock::time_point give_up_at_;  // written before stopping_ is set

  // The sender's thread.
  std::unique_ptr<Transport> transport_;
  Backoff backoff_;
  bool open_ = false;  // connect() has succeeded
  Clock::time_point next_try_;
  std::optional<Clock::time_point> outage_since_;
  std::optional<Clock::time_point> refused_at_;  // and told
  bool loss_told_ = false;                       // of a line, in this session

  std::thread thread_;  // last: sees the rest made
};

}  // namespace torchclassify
