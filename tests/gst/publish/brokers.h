// SPDX-License-Identifier: LGPL-2.1-or-later
// MQTT brokers and their clients, for torchpublish's tests.
#pragma once

#include <glib.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "servers.h"
#include "support/test_files.h"

struct mosquitto;

namespace support {

inline constexpr char kUser[] = "camera";
inline constexpr char kPassword[] = "correct horse";

struct BrokerOptions {
  bool tls = true;
  bool password = true;             // else anybody may come
  bool client_certificate = false;  // asked for
  const char* certificate = "server";
};

// Debian's mosquitto, with nothing that it would keep on disk.
class Broker {
 public:
  explicit Broker(const BrokerOptions& options = {});
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Starts it, and waits until it listens.
  void start();
  void kill();
  // It stops answering, and goes on.
  void hang();
  void go_on();

  // What it has written of its clients.
  std::string log() const;

  int port() const { return port_; }
  const BrokerOptions& options() const { return options_; }

 private:
  const BrokerOptions options_;
  const TemporaryFolder folder_;
  const int port_;
  GPid process_ = 0;
};

// False, and the running test is skipped with the reason, without mosquitto.
bool broker_or_skip();

// Collects what a topic gets, and comes back when the broker does.
class Subscriber {
 public:
  Subscriber(const Broker& broker, const std::string& topic);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // How often the broker has confirmed the subscription.
  int subscriptions() const { return subscriptions_; }
  std::vector<std::string> messages() const;
  std::size_t count() const;

 private:
  void run();

  mosquitto* client_;
  const std::string topic_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> subscriptions_{0};
  mutable std::mutex mutex_;  // protects messages_
  std::vector<std::string> messages_;
  std::thread thread_;
};

}  // namespace support
