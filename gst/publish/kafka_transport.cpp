// SPDX-License-Identifier: LGPL-2.1-or-later
// With librdkafka, which connects, tries again and keeps the order itself; its
// reports are taken on the sender's thread.
#include "kafka_transport.h"

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <utility>

#include "address.h"
#include "gsttorchpublish.h"
#include "torchclassify/error.h"
#include "wakeup.h"

#define GST_CAT_DEFAULT gst_torch_publish_debug

namespace torchclassify {
namespace {

constexpr int kPort = 9092;
constexpr int kTlsPort = 9093;
constexpr std::size_t kWindow = 1000;  // lines

struct ConfDestroy {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDestroy>;

struct QueueDestroy {
  void operator()(rd_kafka_queue_t* queue) const {
    rd_kafka_queue_destroy(queue);
  }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDestroy>;

// What is still with librdkafka is given up: destroying it waits for nobody.
struct KafkaDestroy {
  void operator()(rd_kafka_t* kafka) const {
    rd_kafka_purge(kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                              RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_destroy(kafka);
  }
};
using Kafka = std::unique_ptr<rd_kafka_t, KafkaDestroy>;

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char text[512];
  if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) !=
      RD_KAFKA_CONF_OK)
    throw Error(
        ErrorCode::kInvalidArgument,
        std::string("cannot use Kafka's setting ") + name + ": " + text);
}

void set_unless_empty(rd_kafka_conf_t* conf, const char* name,
                      const std::string& value) {
  if (!value.empty())
    set(conf, name, value);
}

void set_security(rd_kafka_conf_t* conf, const TransportOptions& options) {
  const bool user = !options.username.empty();
  const char* tls = user ? "sasl_ssl" : "ssl";
  const char* plain = user ? "sasl_plaintext" : "plaintext";
  set(conf, "security.protocol", options.tls ? tls : plain);
  if (user) {
    set(conf, "sasl.mechanisms", "PLAIN");
    set(conf, "sasl.username", options.username);
    set(conf, "sasl.password", options.password);
  }
  if (!options.tls)
    return;
  set_unless_empty(conf, "ssl.ca.location", options.ca_file);
  set_unless_empty(conf, "ssl.certificate.location", options.cert_file);
  set_unless_empty(conf, "ssl.key.location", options.key_file);
}

// Idempotence is what keeps the order where a request is repeated.
void set_delivery(rd_kafka_conf_t* conf, Delivery delivery) {
  const bool again = delivery == Delivery::kAtLeastOnce;
  set(conf, "acks", again ? "all" : "0");
  set(conf, "enable.idempotence", again ? "true" : "false");
  // A line is kept until it is delivered; max-queue bounds how many are.
  set(conf, "message.timeout.ms", again ? "0" : "5000");
  if (!again)
    set(conf, "message.send.max.retries", "0");
}

std::string bootstrap_servers(const TransportOptions& options) {
  std::string servers;
  for (const Endpoint& endpoint :
       parse_address(options.address, options.tls ? kTlsPort : kPort)) {
    if (!servers.empty())
      servers += ",";
    servers += to_string(endpoint);
  }
  return servers;
}

// Of this client by the cluster.
bool is_refusal(int error) {
  return error == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
         error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

// Of every line, until somebody changes the cluster's settings.
bool is_refusal_of_topic(int error) {
  return error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

// Why a broker cannot be reached.
bool is_of_a_broker(int error) {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT ||
         error == RD_KAFKA_RESP_ERR__RESOLVE || error == RD_KAFKA_RESP_ERR__SSL;
}

class KafkaTransport final : public Transport {
 public:
  explicit KafkaTransport(const TransportOptions& options)
      : options_(options), servers_(bootstrap_servers(options)) {
    check_kafka_topic(options.topic);
    check_security(options);
    make_producer();
  }

  Recovery recovery() const override { return Recovery::kTransport; }
  std::size_t window() const override { return kWindow; }

  void connect(TransportListener& listener) override {
    listener_ = &listener;
    if (!kafka_)
      make_producer();
  }

  void disconnect() override {
    listener_ = nullptr;  // what is given up is no news
    io_.reset();
    kafka_.reset();
    ended_.reset();
  }

  bool accepts() const override { return true; }

  void send(const Line& line) override {
    // One key, one partition: that is what keeps a stream's order.
    const std::string& key =
        options_.source.empty() ? options_.client_id : options_.source;
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        kafka_.get(), RD_KAFKA_V_TOPIC(options_.topic.c_str()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(line.text.data()), line.text.size()),
        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(line.number)),
        RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      listener_->failed(line.number, cluster() + " does not take a line: " +
                                         rd_kafka_err2str(error));
  }

  pollfd interest() const override { return {wakeup_.fd(), POLLIN, 0}; }

  void work(short) override {
    wakeup_.clear();
    rd_kafka_poll(kafka_.get(), /*timeout_ms=*/0);
    if (ended_)
      throw *std::exchange(ended_, std::nullopt);
  }

 private:
  std::string cluster() const { return "Kafka cluster " + servers_; }

  void make_producer() {
    Conf conf(rd_kafka_conf_new());
    set(conf.get(), "bootstrap.servers", servers_);
    set(conf.get(), "client.id", options_.client_id);
    set(conf.get(), "linger.ms", "5");
    set(conf.get(), "reconnect.backoff.ms", "250");
    set(conf.get(), "reconnect.backoff.max.ms", "10000");
    set_delivery(conf.get(), options_.delivery);
    set_security(conf.get(), options_);
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    rd_kafka_conf_set_log_cb(conf.get(), log);
    char text[512];
    kafka_.reset(
        rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof text));
    if (!kafka_)
      throw Error(ErrorCode::kInvalidArgument,
                  std::string("cannot make a Kafka producer: ") + text);
    [[maybe_unused]] rd_kafka_conf_t* const taken = conf.release();
    const std::uint64_t one = 1;  // what an event descriptor wants
    io_.reset(rd_kafka_queue_get_main(kafka_.get()));
    rd_kafka_queue_io_event_enable(io_.get(), wakeup_.fd(), &one, sizeof one);
  }

  // Any thread of librdkafka.
  static void log(const rd_kafka_t*, int, const char*, const char* text) {
    GST_DEBUG("librdkafka: %s", text);
  }

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message,
                          void* data) {
    static_cast<KafkaTransport*>(data)->take_delivery(*message);
  }

  void take_delivery(const rd_kafka_message_t& message) {
    if (!listener_)
      return;
    const auto number = reinterpret_cast<std::uint64_t>(message._private);
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      all_down_ = false;
      reason_.clear();
      listener_->connected();
      listener_->acknowledged(number);
      return;
    }
    const std::string reason = cluster() + " refuses a line for the topic " +
                               options_.topic + ": " +
                               rd_kafka_err2str(message.err);
    if (is_refusal_of_topic(message.err))
      ended_.emplace(ErrorCode::kDeviceUnavailable, reason);
    else if (!ended_)
      listener_->failed(number, reason);
  }

  static void on_error(rd_kafka_t* kafka, int error, const char* reason,
                       void* data) {
    auto* self = static_cast<KafkaTransport*>(data);
    if (!self->listener_)
      return;
    char text[512];
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
      rd_kafka_fatal_error(kafka, text, sizeof text);
      self->ended_.emplace(ErrorCode::kUnreachable,
                           self->cluster() + " cannot go on: " + text);
    } else if (is_refusal(error)) {
      self->listener_->trouble(
          self->cluster() + " refuses this client: " + reason, true);
    } else {
      self->note_outage(error, reason);
    }
  }

  // That all brokers are down is told together with why one is; which of the
  // two librdkafka says first is not fixed.
  void note_outage(int error, const char* reason) {
    const bool all = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    if (!all && !is_of_a_broker(error))
      return;
    if (!all)
      reason_ = reason;
    const bool told_before = std::exchange(all_down_, all_down_ || all) && all;
    if (!all_down_ || (reason_.empty() && !told_before))
      return;
    listener_->trouble("cannot reach " + cluster() + ": " +
                           (reason_.empty() ? reason : reason_),
                       false);
  }

  const TransportOptions options_;
  const std::string servers_;
  Wakeup wakeup_;
  TransportListener* listener_ = nullptr;
  Kafka kafka_;
  Queue io_;                    // before kafka_ goes
  std::optional<Error> ended_;  // the producer is of no more use
  bool all_down_ = false;       // since the last delivery
  std::string reason_;          // for which a broker is down, likewise
};

}  // namespace

std::unique_ptr<Transport> make_kafka_transport(
    const TransportOptions& options) {
  return std::make_unique<KafkaTransport>(options);
}

}  // namespace torchclassify
