// SPDX-License-Identifier: LGPL-2.1-or-later
#include "brokers.h"

#include <mosquitto.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "certificates.h"
#include "harness.h"
#include "subprocess.h"

namespace support {
namespace {

constexpr int kKeepAlive = 300;  // seconds: outlasts a broker that hangs

std::string find_mosquitto() {
  g_autofree char* path = g_find_program_in_path("mosquitto");
  if (path)
    return path;
  const char* debian = "/usr/sbin/mosquitto";
  return access(debian, X_OK) == 0 ? debian : "";
}

std::string configuration(const BrokerOptions& options, int port,
                          const TemporaryFolder& folder) {
  const TemporaryFolder& certificate = certificates();
  std::string text = "listener " + std::to_string(port) + " 127.0.0.1\n";
  text += "persistence false\nuser root\nmax_queued_messages 0\n";
  text += "log_dest file " + (folder / "log").string() + "\n";
  if (options.tls) {
    text += "cafile " + (certificate / "ca.pem").string() + "\n";
    const std::string name = options.certificate;
    text += "certfile " + (certificate / (name + ".pem")).string() + "\n";
    text += "keyfile " + (certificate / (name + ".key")).string() + "\n";
  }
  if (options.client_certificate)
    text += "require_certificate true\n";
  text +=
      options.password ? "allow_anonymous false\n" : "allow_anonymous true\n";
  if (options.password)
    text += "password_file " + (folder / "passwords").string() + "\n";
  return text;
}

void die_with_parent(gpointer) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

}  // namespace

bool broker_or_skip() {
  if (find_mosquitto().empty()) {
    g_test_skip("no mosquitto on this machine");
    return false;
  }
  return program_or_skip("openssl");
}

Broker::Broker(const BrokerOptions& options)
    : options_(options), port_(free_port()) {
  write_file(folder_ / "mosquitto.conf",
             configuration(options, port_, folder_));
  if (options.password)
    g_assert_cmpint(run({"mosquitto_passwd", "-b", "-c", folder_ / "passwords",
                         kUser, kPassword})
                        .status,
                    ==, 0);
  start();
}

Broker::~Broker() { kill(); }

void Broker::start() {
  g_assert_cmpint(process_, ==, 0);
  const std::string program = find_mosquitto();
  const std::string file = folder_ / "mosquitto.conf";
  const char* words[] = {program.c_str(), "-c", file.c_str(), nullptr};
  g_autoptr(GError) error = nullptr;
  g_spawn_async(nullptr, const_cast<char**>(words), nullptr,
                static_cast<GSpawnFlags>(G_SPAWN_DO_NOT_REAP_CHILD |
                                         G_SPAWN_STDOUT_TO_DEV_NULL |
                                         G_SPAWN_STDERR_TO_DEV_NULL),
                die_with_parent, nullptr, &process_, &error);
  g_assert_no_error(error);
  g_assert_true(within(20, [this] { return is_reachable(port_); }));
}

void Broker::kill() {
  if (process_ == 0)
    return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  g_spawn_close_pid(std::exchange(process_, 0));
}

std::string Broker::log() const { return read_file(folder_ / "log"); }

void Broker::hang() { ::kill(process_, SIGSTOP); }

void Broker::go_on() { ::kill(process_, SIGCONT); }

// QoS 0: the broker keeps nothing back, which a kill would take away.
Subscriber::Subscriber(const Broker& broker, const std::string& topic)
    : client_(mosquitto_new(nullptr, true, this)), topic_(topic) {
  if (broker.options().tls)
    mosquitto_tls_set(client_, (certificates() / "ca.pem").c_str(), nullptr,
                      nullptr, nullptr, nullptr);
  mosquitto_username_pw_set(client_, kUser, kPassword);
  mosquitto_connect_callback_set(
      client_, [](mosquitto* client, void* self, int) {
        mosquitto_subscribe(client, nullptr,
                            static_cast<Subscriber*>(self)->topic_.c_str(), 0);
      });
  mosquitto_subscribe_callback_set(
      client_, [](mosquitto*, void* self, int, int, const int*) {
        ++static_cast<Subscriber*>(self)->subscriptions_;
      });
  mosquitto_message_callback_set(client_, [](mosquitto*, void* data,
                                             const mosquitto_message* message) {
    auto* self = static_cast<Subscriber*>(data);
    const std::lock_guard lock(self->mutex_);
    self->messages_.emplace_back(static_cast<const char*>(message->payload),
                                 static_cast<std::size_t>(message->payloadlen));
  });
  g_assert_cmpint(
      mosquitto_connect(client_, "localhost", broker.port(), kKeepAlive), ==,
      MOSQ_ERR_SUCCESS);
  thread_ = std::thread([this] { run(); });
  g_assert_true(within(10, [this] { return subscriptions_ == 1; }));
}

Subscriber::~Subscriber() {
  stopping_ = true;
  thread_.join();
  mosquitto_destroy(client_);
}

// libmosquitto's own loop ends for good where TLS is interrupted.
void Subscriber::run() {
  while (!stopping_) {
    if (mosquitto_loop(client_, /*timeout=*/50, 1) == MOSQ_ERR_SUCCESS)
      continue;
    g_usleep(50'000);
    mosquitto_reconnect(client_);
  }
}

std::vector<std::string> Subscriber::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::size_t Subscriber::count() const {
  const std::lock_guard lock(mutex_);
  return messages_.size();
}

}  // namespace support
