// SPDX-License-Identifier: LGPL-2.1-or-later
// A way to a file or a broker, as the sender's thread uses it.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace torchclassify {

struct Line {
  std::uint64_t number = 0;  // counts the lines of one queue
  std::string text;          // one JSON object, without a line feed
};

// Who tries again after a failure.
enum class Recovery {
  kNobody,     // the failure is final
  kSender,     // connects anew and sends again what nobody has acknowledged
  kTransport,  // keeps the lines and their order itself
};

// What a transport reports, during the calls of its methods and only there.
class TransportListener {
 public:
  virtual void connected() = 0;
  // Written to the file, or safe with the broker.
  virtual void acknowledged(std::uint64_t number) = 0;
  // The broker does not take this line, now or later.
  virtual void failed(std::uint64_t number, const std::string& reason) = 0;
  // A failure that the transport itself recovers from; refused if the broker
  // is there and does not want this client.
  virtual void trouble(const std::string& reason, bool refused) = 0;

 protected:
  ~TransportListener() = default;
};

// Made by the thread that changes the element's state; used, but for give_up(),
// by the sender's thread alone. No call waits for the other side, but connect()
// may wait for a name server. Each may throw Error: kUnreachable if it is worth
// trying again soon, kDeviceUnavailable if the broker refuses this client; what
// was on its way is then lost to the transport, which disconnect() resets.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Recovery recovery() const = 0;
  // How many lines may be on their way at a time.
  virtual std::size_t window() const = 0;
  // The listener must outlive the transport's use.
  virtual void connect(TransportListener& listener) = 0;
  virtual void disconnect() = 0;
  // Any thread: the element stops, so that connect() must not wait any longer.
  virtual void give_up() {}
  // Whether send() may be called.
  virtual bool accepts() const = 0;
  virtual void send(const Line& line) = 0;
  // What to wait for before work(); fd -1: nothing.
  virtual pollfd interest() const = 0;
  // Called after each wait with what poll() found, perhaps nothing.
  virtual void work(short events) = 0;
};

}  // namespace torchclassify
