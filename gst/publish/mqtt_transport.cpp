// SPDX-License-Identifier: LGPL-2.1-or-later
// With libmosquitto, whose sockets the sender's thread serves itself: the
// library has no thread of its own here.
#include "mqtt_transport.h"

#include <gio/gio.h>
#include <mosquitto.h>
#if LIBMOSQUITTO_VERSION_NUMBER < 2001000
#include <mqtt_protocol.h>  // in mosquitto.h from 2.1 on
#endif
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "address.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr int kPort = 1883;
constexpr int kTlsPort = 8883;
constexpr int kKeepAlive = 10;  // seconds
// The broker's usual limit of messages that it has not acknowledged.
constexpr int kWindow = 20;
// Without a sign of the broker for so long, the connection is lost.
constexpr std::chrono::seconds kPatience{10};

using Clock = std::chrono::steady_clock;

struct MosquittoDestroy {
  void operator()(mosquitto* client) const { mosquitto_destroy(client); }
};
using Client = std::unique_ptr<mosquitto, MosquittoDestroy>;

// Never undone: another user of the library may still be there.
void initialise_library() {
  static const int result = mosquitto_lib_init();
  if (result != MOSQ_ERR_SUCCESS)
    throw Error(ErrorCode::kInternal, std::string("cannot use libmosquitto: ") +
                                          mosquitto_strerror(result));
}

// Keys with a passphrase are refused instead of asked for at a terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

// The library's own way, for what the options' checks let through.
void must(int result, const char* what) {
  if (result != MOSQ_ERR_SUCCESS)
    throw Error(ErrorCode::kInvalidArgument,
                std::string("cannot use the property ") + what + ": " +
                    mosquitto_strerror(result));
}

void set_tls(mosquitto* client, const TransportOptions& options) {
  if (options.ca_file.empty())
    must(mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "tls");
  if (options.ca_file.empty() && options.cert_file.empty())
    return;
  // libmosquitto wants a folder where it is given no file.
  const char* folder = options.ca_file.empty() ? "/etc/ssl/certs" : nullptr;
  must(mosquitto_tls_set(client, or_null(options.ca_file), folder,
                         or_null(options.cert_file), or_null(options.key_file),
                         no_passphrase),
       "ca-file, cert-file or key-file");
}

// A refusal that another try soon would only repeat.
bool is_refusal(MqttVersion version, int reason) {
  if (version == MqttVersion::k311)
    return reason != CONNACK_REFUSED_SERVER_UNAVAILABLE;
  return reason != MQTT_RC_SERVER_UNAVAILABLE &&
         reason != MQTT_RC_SERVER_BUSY &&
         reason != MQTT_RC_CONNECTION_RATE_EXCEEDED &&
         reason != MQTT_RC_USE_ANOTHER_SERVER;
}

class MqttTransport final : public Transport {
 public:
  explicit MqttTransport(const TransportOptions& options)
      : options_(options), cancellable_(g_cancellable_new()) {
    check_mqtt_topic(options.topic);
    check_security(options);
    const auto endpoints =
        parse_address(options.address, options.tls ? kTlsPort : kPort);
    if (endpoints.size() != 1)
      throw Error(ErrorCode::kInvalidArgument,
                  "expected one broker in the property address, got \"" +
                      options.address + "\"");
    endpoint_ = endpoints.front();
    initialise_library();
    make_client();
  }
  ~MqttTransport() override { g_object_unref(cancellable_); }
  MqttTransport(const MqttTransport&) = delete;
  MqttTransport& operator=(const MqttTransport&) = delete;

  Recovery recovery() const override { return Recovery::kSender; }
  std::size_t window() const override { return kWindow; }

  void connect(TransportListener& listener) override {
    listener_ = &listener;
    if (!client_)
      make_client();
    find_host();
    last_sign_ = Clock::now();
    check(mosquitto_connect_async(client_.get(), endpoint_.host.c_str(),
                                  endpoint_.port, kKeepAlive));
  }

  // A new client each time: the lines to be sent again are the sender's.
  void disconnect() override {
    if (connected_)
      mosquitto_disconnect(client_.get());
    connected_ = false;
    socket_connected_ = false;
    connack_.reset();
    on_way_.clear();
    published_.clear();
    client_.reset();
  }

  void give_up() override { g_cancellable_cancel(cancellable_); }

  bool accepts() const override { return connected_; }

  void send(const Line& line) override {
    int id = 0;
    const std::uint64_t number = line.number;
    const int result = mosquitto_publish(
        client_.get(), &id, options_.topic.c_str(),
        static_cast<int>(line.text.size()), line.text.data(), quality(),
        /*retain=*/false);
    if (result == MOSQ_ERR_PAYLOAD_SIZE || result == MOSQ_ERR_OVERSIZE_PACKET) {
      listener_->failed(number, "a line of " +
                                    std::to_string(line.text.size()) +
                                    " bytes is too long for " + broker());
      return;
    }
    if (on_way_.empty())
      last_sign_ = Clock::now();
    on_way_.push_back({id, number});
    check(result);
    settle();
  }

  // What mosquitto_want_write() says while TLS is being set up may stay true.
  pollfd interest() const override {
    const bool write =
        connected_ ? mosquitto_want_write(client_.get()) : !socket_connected_;
    return {mosquitto_socket(client_.get()),
            static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0};
  }

  void work(short events) override {
    if (connected_) {
      if (events & ~POLLOUT)
        check(mosquitto_loop_read(client_.get(), kWindow));
      if (events & POLLOUT)
        check(mosquitto_loop_write(client_.get(), kWindow));
    } else if (events != 0) {
      go_on_connecting(events);
    }
    check(mosquitto_loop_misc(client_.get()));
    take_connack();
    settle();
    check_patience();
  }

 private:
  struct OnWay {
    int id = 0;  // libmosquitto's
    std::uint64_t number = 0;
  };
  struct Published {
    int id = 0;
    int reason = 0;
  };

  std::string broker() const { return "MQTT broker " + to_string(endpoint_); }
  int quality() const {
    return options_.delivery == Delivery::kAtLeastOnce ? 1 : 0;
  }

  void make_client() {
    client_.reset(mosquitto_new(or_null(options_.client_id),
                                /*clean_session=*/true, this));
    if (!client_)
      throw Error(ErrorCode::kInternal,
                  std::string("cannot make a client: ") + std::strerror(errno));
    mosquitto* client = client_.get();
    must(mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
                              options_.mqtt_version == MqttVersion::k5
                                  ? MQTT_PROTOCOL_V5
                                  : MQTT_PROTOCOL_V311),
         "mqtt-version");
    must(mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, kWindow),
         "delivery");
    must(mosquitto_username_pw_set(client, or_null(options_.username),
                                   or_null(options_.password)),
         "username");
    if (options_.tls)
      set_tls(client, options_);
    mosquitto_connect_callback_set(client, [](mosquitto*, void* self, int rc) {
      static_cast<MqttTransport*>(self)->connack_ = rc;
    });
    mosquitto_publish_v5_callback_set(
        client, [](mosquitto*, void* self, int id, int reason,
                   const mosquitto_property*) {
          static_cast<MqttTransport*>(self)->published_.push_back({id, reason});
        });
    mosquitto_log_callback_set(
        client, [](mosquitto*, void* self, int level, const char* text) {
          if (level == MOSQ_LOG_ERR)
            static_cast<MqttTransport*>(self)->library_error_ = text;
        });
  }

  // libmosquitto would look the name up in a way that cannot be given up.
  void find_host() {
    GResolver* resolver = g_resolver_get_default();
    g_autoptr(GError) error = nullptr;
    GList* addresses = g_resolver_lookup_by_name(
        resolver, endpoint_.host.c_str(), cancellable_, &error);
    g_object_unref(resolver);
    g_resolver_free_addresses(addresses);
    if (error)
      throw Error(ErrorCode::kUnreachable,
                  "cannot find " + broker() + ": " + error->message);
  }

  void check(int result) {
    if (result == MOSQ_ERR_SUCCESS || result == MOSQ_ERR_CONN_PENDING)
      return;
    take_connack();  // tells more, where it is what ended the connection
    std::string reason = result == MOSQ_ERR_ERRNO ? std::strerror(errno)
                                                  : mosquitto_strerror(result);
    // A refused certificate is any error, by version and chance.
    if ((result == MOSQ_ERR_TLS || !connected_) && !library_error_.empty())
      reason = std::exchange(library_error_, {});
    throw_lost(reason);
  }

  [[noreturn]] void throw_lost(const std::string& reason) const {
    const char* what = connected_ ? "lost " : "cannot reach ";
    throw Error(ErrorCode::kUnreachable, what + broker() + ": " + reason);
  }

  // While TLS is being set up, it is loop_read() that goes on with it.
  void go_on_connecting(short events) {
    check_socket(events);
    if (events & POLLOUT)
      socket_connected_ = true;
    check(mosquitto_loop_read(client_.get(), kWindow));
    check(mosquitto_loop_write(client_.get(), kWindow));
  }

  // libmosquitto 2.0.11 goes on for ever with TLS on a socket that has failed
  // or ended.
  void check_socket(short events) const {
    const int socket = mosquitto_socket(client_.get());
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      throw_lost(std::strerror(error));
    char byte = 0;
    if ((events & POLLIN) &&
        recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
      throw_lost("it closes the connection");
  }

  void take_connack() {
    if (!connack_)
      return;
    const int reason = *std::exchange(connack_, std::nullopt);
    if (reason == 0) {
      connected_ = true;
      last_sign_ = Clock::now();
      listener_->connected();
      return;
    }
    const bool v5 = options_.mqtt_version == MqttVersion::k5;
    throw Error(is_refusal(options_.mqtt_version, reason)
                    ? ErrorCode::kDeviceUnavailable
                    : ErrorCode::kUnreachable,
                broker() + " refuses this client: " +
                    (v5 ? mosquitto_reason_string(reason)
                        : mosquitto_connack_string(reason)));
  }

  // What the library has told of messages, while it was in control.
  void settle() {
    for (const Published& published : std::exchange(published_, {})) {
      const auto found = std::find_if(
          on_way_.begin(), on_way_.end(),
          [&](const OnWay& on_way) { return on_way.id == published.id; });
      if (found == on_way_.end())
        continue;
      const std::uint64_t number = found->number;
      on_way_.erase(found);
      last_sign_ = Clock::now();
      if (published.reason >= MQTT_RC_UNSPECIFIED)
        listener_->failed(number,
                          broker() + " refuses a line for the topic " +
                              options_.topic + ": " +
                              mosquitto_reason_string(published.reason));
      else
        listener_->acknowledged(number);
    }
  }

  void check_patience() const {
    if ((connected_ && on_way_.empty()) ||
        Clock::now() - last_sign_ < kPatience)
      return;
    throw_lost("no answer for " + std::to_string(kPatience.count()) + " s");
  }

  const TransportOptions options_;
  GCancellable* const cancellable_;
  Endpoint endpoint_;
  TransportListener* listener_ = nullptr;
  Client client_;
  bool socket_connected_ = false;  // TLS and MQTT begin
  bool connected_ = false;
  Clock::time_point last_sign_;  // of the broker, or of the first that waits
  std::vector<OnWay> on_way_;    // at most kWindow

  // Left by callbacks, through which nothing may be thrown.
  std::optional<int> connack_;
  std::vector<Published> published_;
  std::string library_error_;
};

}  // namespace

std::unique_ptr<Transport> make_mqtt_transport(
    const TransportOptions& options) {
  return std::make_unique<MqttTransport>(options);
}

}  // namespace torchclassify
