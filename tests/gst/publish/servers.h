// SPDX-License-Identifier: LGPL-2.1-or-later
// Ports, roads between them and a server that is none, for torchpublish's
// tests.
#pragma once

#include <atomic>
#include <thread>

namespace support {

// A port of this machine that nobody uses now.
int free_port();
// Whether somebody listens.
bool is_reachable(int port);

// A port that leads to another while it is open; the way can be closed, as if
// nobody listened.
class Road {
 public:
  explicit Road(int to);
  ~Road();
  Road(const Road&) = delete;
  Road& operator=(const Road&) = delete;

  int port() const { return port_; }
  void open();
  void close();

 private:
  void run(int listener);

  const int to_;
  const int port_;
  std::atomic<bool> open_{false};
  std::thread thread_;
};

// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port() const { return port_; }

 private:
  int port_ = 0;
  int socket_ = -1;
};

}  // namespace support
