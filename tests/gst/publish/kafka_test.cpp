// SPDX-License-Identifier: LGPL-2.1-or-later
// torchpublish to the mock cluster of librdkafka, through its outages.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "certificates.h"
#include "harness.h"
#include "outage.h"
#include "servers.h"
#include "subprocess.h"

namespace {

using namespace support;
using Json = nlohmann::json;

constexpr char kTopic[] = "gate.results";
constexpr int kPartitions = 4;

struct KafkaDestroy {
  void operator()(rd_kafka_t* kafka) const { rd_kafka_destroy(kafka); }
};
using Kafka = std::unique_ptr<rd_kafka_t, KafkaDestroy>;

Kafka client(rd_kafka_type_t type,
             const std::vector<std::pair<std::string, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[256];
  for (const auto& [name, value] : settings)
    g_assert_cmpint(
        rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text),
        ==, RD_KAFKA_CONF_OK);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* kafka = rd_kafka_new(type, conf, text, sizeof text);
  g_assert_nonnull(kafka);
  return Kafka(kafka);
}

// Takes what comes over TLS, and answers nothing.
class TlsServer {
 public:
  explicit TlsServer(const TemporaryFolder& folder) : port_(free_port()) {
    const std::string port = std::to_string(port_);
    const std::string certificate = folder / "server.pem";
    const std::string key = folder / "server.key";
    const char* words[] = {
        "openssl", "s_server",          "-quiet", "-accept",   port.c_str(),
        "-cert",   certificate.c_str(), "-key",   key.c_str(), nullptr};
    g_autoptr(GError) error = nullptr;
    g_spawn_async(nullptr, const_cast<char**>(words), nullptr,
                  static_cast<GSpawnFlags>(
                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                      G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL),
                  nullptr, nullptr, &process_, &error);
    g_assert_no_error(error);
    g_assert_true(within(20, [this] { return is_reachable(port_); }));
  }
  ~TlsServer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    g_spawn_close_pid(process_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }

 private:
  const int port_;
  GPid process_ = 0;
};

// Three brokers in this process, which speak the protocol over TCP.
class Cluster {
 public:
  Cluster()
      : host_(client(RD_KAFKA_PRODUCER, {})),
        mock_(rd_kafka_mock_cluster_new(host_.get(), kBrokers)) {
    g_assert_nonnull(mock_);
    rd_kafka_mock_topic_create(mock_, kTopic, kPartitions, kBrokers);
  }
  ~Cluster() { rd_kafka_mock_cluster_destroy(mock_); }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  std::string address() const {
    return rd_kafka_mock_cluster_bootstraps(mock_);
  }
  rd_kafka_mock_cluster_t* mock() const { return mock_; }
  void down() {
    for (int i = 1; i <= kBrokers; ++i) rd_kafka_mock_broker_set_down(mock_, i);
  }
  void up() {
    for (int i = 1; i <= kBrokers; ++i) rd_kafka_mock_broker_set_up(mock_, i);
  }

 private:
  static constexpr int kBrokers = 3;
  Kafka host_;
  rd_kafka_mock_cluster_t* mock_;
};

struct Record {
  std::string text;
  std::string key;
  int partition = 0;
};

// Reads the topic from its beginning while the test goes on, for the mock
// cluster keeps no more than a few thousand records.
class Consumer {
 public:
  explicit Consumer(const Cluster& cluster)
      : client_(
            client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", cluster.address()},
                                       {"group.id", "test"},
                                       {"reconnect.backoff.max.ms", "500"}})) {
    rd_kafka_topic_partition_list_t* all =
        rd_kafka_topic_partition_list_new(kPartitions);
    for (int i = 0; i < kPartitions; ++i)
      rd_kafka_topic_partition_list_add(all, kTopic, i)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_poll_set_consumer(client_.get());
    rd_kafka_assign(client_.get(), all);
    rd_kafka_topic_partition_list_destroy(all);
    thread_ = std::thread([this] { run(); });
  }
  ~Consumer() {
    stopping_ = true;
    thread_.join();
    rd_kafka_consumer_close(client_.get());
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // At least so many, if they come.
  std::vector<Record> records(std::size_t count) const {
    within(30, [&] {
      const std::lock_guard lock(mutex_);
      return records_.size() >= count;
    });
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  void run() {
    while (!stopping_) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), 50);
      if (!message)
        continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const std::lock_guard lock(mutex_);
        records_.push_back(
            {{static_cast<const char*>(message->payload), message->len},
             {static_cast<const char*>(message->key), message->key_len},
             message->partition});
      }
      rd_kafka_message_destroy(message);
    }
  }

  const Kafka client_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // protects records_
  std::vector<Record> records_;
  std::thread thread_;
};

int index_of(const Record& record) {
  return static_cast<int>(
      Json::parse(record.text).at("timestamp").get<guint64>() / kStep);
}

std::string to_cluster(const Cluster& cluster, const std::string& more = "") {
  return "method=kafka topic=gate.results drain-timeout=60000000000 "
         "tls=false address=\"" +
         cluster.address() + "\" " + more;
}

// --- what arrives ---

void test_results_arrive(gconstpointer data) {
  const Cluster cluster;
  const Consumer consumer(cluster);
  Publisher publisher(to_cluster(cluster, std::string("source=gate delivery=") +
                                              static_cast<const char*>(data)));
  publisher.play();

  for (int i = 0; i < 500; ++i) publisher.push(result_frame(i));
  publisher.end();

  g_assert_cmpuint(publisher.count("acknowledged"), ==, 500);
  g_assert_true(publisher.is_connected());
  const auto found = consumer.records(500);
  g_assert_cmpuint(found.size(), ==, 500);
  for (std::size_t i = 0; i < found.size(); ++i) {
    g_assert_cmpint(index_of(found[i]), ==, static_cast<int>(i));
    g_assert_cmpstr(found[i].key.c_str(), ==, "gate");
    g_assert_cmpint(found[i].partition, ==, found[0].partition);
  }
  g_assert_true(publisher.said(GST_MESSAGE_WARNING).empty());
}

void test_without_a_source_the_client_s_name_is_the_key(void) {
  const Cluster cluster;
  const Consumer consumer(cluster);
  Publisher publisher(to_cluster(cluster, "client-id=north"));
  publisher.play();

  publisher.push(result_frame(0));
  publisher.end();

  const auto found = consumer.records(1);
  g_assert_cmpuint(found.size(), ==, 1);
  g_assert_cmpstr(found[0].key.c_str(), ==, "north");
}

// --- what the cluster refuses ---

constexpr int kProduce = 0;  // the request's number in the protocol

void test_a_line_that_is_refused_is_counted(void) {
  const Cluster cluster;
  rd_kafka_mock_push_request_errors(cluster.mock(), kProduce, 1,
                                    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  Publisher publisher(to_cluster(cluster));
  publisher.play();

  publisher.push(result_frame(0));
  g_assert_true(publisher.reaches("failed", 1, 20));
  publisher.push(result_frame(1));

  g_assert_true(publisher.reaches("acknowledged", 1, 20));
  const auto warnings = publisher.said(GST_MESSAGE_WARNING);
  g_assert_cmpuint(warnings.size(), ==, 1);
  g_assert_true(warnings[0].find(kTopic) != std::string::npos);
}

// The lines wait for somebody to allow it.
void test_a_topic_that_is_refused_is_one_warning_and_no_loss(void) {
  const Cluster cluster;
  rd_kafka_mock_push_request_errors(
      cluster.mock(), kProduce, 1,
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  Publisher publisher(to_cluster(cluster));
  publisher.play();

  publisher.push(result_frame(0));

  const auto warnings = publisher.hears(GST_MESSAGE_WARNING, 20);
  g_assert_cmpuint(warnings.size(), ==, 1);
  g_assert_true(warnings[0].find("uthorization") != std::string::npos);
  g_assert_cmpuint(publisher.count("queued"), ==, 1);
  g_assert_cmpuint(publisher.count("failed"), ==, 0);
  g_assert_true(publisher.hears(GST_MESSAGE_WARNING, 2).empty());
}

// The mock cluster speaks no TLS.
void test_tls_where_there_is_none_is_one_warning(void) {
  const Cluster cluster;
  Publisher publisher("method=kafka topic=a address=\"" + cluster.address() +
                      "\"");
  publisher.play();

  publisher.push(result_frame(0));

  g_assert_cmpuint(publisher.hears(GST_MESSAGE_WARNING, 20).size(), ==, 1);
  g_assert_true(publisher.hears(GST_MESSAGE_WARNING, 2).empty());
  g_assert_true(publisher.said(GST_MESSAGE_ERROR).empty());
}

// As far as a server without Kafka behind it can tell.
void test_an_authority_decides_whether_a_server_is_trusted(gconstpointer data) {
  if (!program_or_skip("openssl"))
    return;
  const bool trusted = GPOINTER_TO_INT(data);
  const TemporaryFolder& folder = certificates();
  const TlsServer server(folder);
  Publisher publisher("method=kafka topic=a address=localhost:" +
                      std::to_string(server.port()) + " ca-file=" +
                      (folder / (trusted ? "ca.pem" : "other.pem")).string());
  publisher.play();

  publisher.push(result_frame(0));
  const auto warnings = publisher.hears(GST_MESSAGE_WARNING, trusted ? 3 : 20);

  // A server that is trusted, and is no Kafka, is another reason to complain.
  const bool complains =
      std::any_of(warnings.begin(), warnings.end(), [](const auto& warning) {
        return warning.find("certificate verify failed") != std::string::npos;
      });
  g_assert_true(complains == !trusted);
  g_assert_cmpuint(warnings.size(), <=, 1);
}

// --- outages ---

void test_nobody_there_is_one_warning_and_no_delay(void) {
  double stop = 0;
  Pace pace;
  {
    Publisher publisher(
        "method=kafka topic=a tls=false max-queue=100 address="
        "localhost:" +
        std::to_string(free_port()));
    publisher.play();

    for (int i = 0; i < 2000; ++i) {
      pace.push(publisher, result_frame(i));
      g_usleep(1'000);
    }

    g_assert_cmpuint(publisher.hears(GST_MESSAGE_WARNING, 5).size(), ==, 1);
    // Waiting, and with the library.
    g_assert_cmpuint(publisher.count("queued"), ==, 100 + 1000);
    g_assert_cmpuint(publisher.count("dropped"), ==, 900);
    g_assert_cmpuint(publisher.count("acknowledged"), ==, 0);
    stop = seconds_of(
        [&] { gst_element_set_state(publisher.element(), GST_STATE_NULL); });
  }
  assert_unhindered(pace);
  g_assert_cmpfloat(stop, <, 3);
}

void test_a_server_that_says_nothing_delays_no_stop(void) {
  const SilentServer server;
  Publisher publisher("method=kafka topic=a tls=false address=localhost:" +
                      std::to_string(server.port()));
  publisher.play();
  publisher.push(result_frame(0));
  g_usleep(300'000);

  const double stop = seconds_of(
      [&] { gst_element_set_state(publisher.element(), GST_STATE_NULL); });

  g_assert_cmpfloat(stop, <, 3);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_WARNING).size(), ==, 1);
}

void test_the_end_waits_no_longer_than_it_may(void) {
  Publisher publisher(
      "method=kafka topic=a tls=false drain-timeout=500000000 "
      "address=localhost:" +
      std::to_string(free_port()));
  publisher.play();
  publisher.push(result_frame(0));

  const double seconds = seconds_of([&] { publisher.end(); });

  g_assert_cmpfloat(seconds, >, 0.45);
  g_assert_cmpfloat(seconds, <, 2);
}

// --- the promise ---

void test_nothing_is_lost_in_an_outage_of_ten_seconds(void) {
  Cluster cluster;
  const Consumer consumer(cluster);
  Publisher publisher(to_cluster(cluster, "source=gate max-queue=10000"));
  publisher.play();

  assert_all_are_acknowledged(publisher,
                              {[&] { cluster.down(); }, [&] { cluster.up(); }});

  const auto found = consumer.records(kOutageFrames);
  g_assert_cmpuint(found.size(), ==, kOutageFrames);
  for (int i = 0; i < kOutageFrames; ++i)
    g_assert_cmpint(index_of(found[static_cast<std::size_t>(i)]), ==, i);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  for (const char* delivery : {"at-least-once", "at-most-once"}) {
    const std::string path =
        std::string("/publish/kafka/results-arrive/") + delivery;
    g_test_add_data_func(path.c_str(), delivery, test_results_arrive);
  }
  g_test_add_func(
      "/publish/kafka/without-a-source-the-client-s-name-is-the-key",
      test_without_a_source_the_client_s_name_is_the_key);
  g_test_add_func("/publish/kafka/a-line-that-is-refused-is-counted",
                  test_a_line_that_is_refused_is_counted);
  g_test_add_func(
      "/publish/kafka/a-topic-that-is-refused-is-one-warning-and-no-loss",
      test_a_topic_that_is_refused_is_one_warning_and_no_loss);
  g_test_add_func("/publish/kafka/tls-where-there-is-none-is-one-warning",
                  test_tls_where_there_is_none_is_one_warning);
  g_test_add_data_func("/publish/kafka/a-known-authority-is-trusted",
                       GINT_TO_POINTER(TRUE),
                       test_an_authority_decides_whether_a_server_is_trusted);
  g_test_add_data_func("/publish/kafka/an-unknown-authority-is-one-warning",
                       GINT_TO_POINTER(FALSE),
                       test_an_authority_decides_whether_a_server_is_trusted);
  g_test_add_func("/publish/kafka/nobody-there-is-one-warning-and-no-delay",
                  test_nobody_there_is_one_warning_and_no_delay);
  g_test_add_func("/publish/kafka/a-server-that-says-nothing-delays-no-stop",
                  test_a_server_that_says_nothing_delays_no_stop);
  g_test_add_func("/publish/kafka/the-end-waits-no-longer-than-it-may",
                  test_the_end_waits_no_longer_than_it_may);
  g_test_add_func("/publish/kafka/nothing-is-lost-in-an-outage-of-ten-seconds",
                  test_nothing_is_lost_in_an_outage_of_ten_seconds);
  return g_test_run();
}
