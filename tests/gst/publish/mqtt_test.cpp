// SPDX-License-Identifier: LGPL-2.1-or-later
// torchpublish to a real MQTT broker, through its outages.
#include <mosquitto.h>

#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "brokers.h"
#include "certificates.h"
#include "harness.h"
#include "outage.h"
#include "support/rows.h"

namespace {

using namespace support;
using Json = nlohmann::json;

constexpr char kTopic[] = "cameras/gate/results";

std::string to_broker(int port, const std::string& more = "") {
  return "method=mqtt topic=cameras/gate/results drain-timeout=60000000000 "
         "address=localhost:" +
         std::to_string(port) + " " + more;
}

std::string trusting() {
  return "ca-file=" + (certificates() / "ca.pem").string() + " ";
}

std::string authorised() {
  return trusting() + "username=camera password=\"correct horse\" ";
}

int index_of(const std::string& message) {
  return static_cast<int>(Json::parse(message).at("timestamp").get<guint64>() /
                          kStep);
}

// That the first deliveries are 0, 1, 2 ... count - 1; how many were repeated.
int assert_all_in_order(const std::vector<std::string>& messages, int count) {
  int next = 0;
  int repeated = 0;
  for (const std::string& message : messages) {
    const int index = index_of(message);
    g_assert_cmpint(index, <=, next);
    if (index == next)
      ++next;
    else
      ++repeated;
  }
  g_assert_cmpint(next, ==, count);
  return repeated;
}

// --- what arrives ---

struct Way {
  const char* name;
  BrokerOptions broker;
  const char* properties;
};
constexpr Way kWays[] = {
    {"in-the-clear", {.tls = false, .password = false}, "tls=false"},
    {"with-a-password-in-the-clear",
     {.tls = false},
     "tls=false username=camera password=\"correct horse\""},
    {"with-tls", {.password = false}, "CA"},
    {"with-tls-and-a-password", {}, "CA USER"},
    {"with-tls-a-password-and-mqtt-5", {}, "CA USER mqtt-version=5"},
    {"with-a-certificate",
     {.password = false, .client_certificate = true},
     "CA CERTIFICATE"},
    {"at-most-once", {}, "CA USER delivery=at-most-once"},
    {"at-most-once-with-mqtt-5",
     {},
     "CA USER delivery=at-most-once mqtt-version=5"},
};

// The words in capitals, as properties.
std::string spelled(std::string properties) {
  const std::pair<const char*, std::string> words[] = {
      {"CA", trusting()},
      {"USER", "username=camera password=\"correct horse\""},
      {"CERTIFICATE",
       "cert-file=" + (certificates() / "client.pem").string() +
           " key-file=" + (certificates() / "client.key").string()}};
  for (const auto& [word, meaning] : words) {
    const auto at =
        (" " + properties + " ").find(std::string(" ") + word + " ");
    if (at != std::string::npos)
      properties.replace(at, std::strlen(word), meaning);
  }
  return properties;
}

void test_results_arrive(gconstpointer data) {
  if (!broker_or_skip())
    return;
  const auto& c = *static_cast<const Way*>(data);
  const Broker broker(c.broker);
  Publisher publisher(to_broker(broker.port(), spelled(c.properties)));
  // What needs a client's certificate is counted, not read.
  const std::unique_ptr<Subscriber> subscriber =
      c.broker.client_certificate
          ? nullptr
          : std::make_unique<Subscriber>(broker, kTopic);
  publisher.play();

  for (int i = 0; i < 200; ++i) publisher.push(result_frame(i));
  publisher.end();

  g_assert_cmpuint(publisher.count("acknowledged"), ==, 200);
  g_assert_true(publisher.is_connected());
  if (subscriber) {
    g_assert_true(within(10, [&] { return subscriber->count() >= 200; }));
    g_assert_cmpint(assert_all_in_order(subscriber->messages(), 200), ==, 0);
  }
  g_assert_true(publisher.said(GST_MESSAGE_WARNING).empty());
}

void test_the_client_has_the_name_it_was_given(void) {
  if (!broker_or_skip())
    return;
  const Broker broker({.tls = false, .password = false});
  // Two of one name throw each other out.
  Publisher first(to_broker(broker.port(), "tls=false client-id=gate"));
  first.play();
  first.push(result_frame(0));
  g_assert_true(first.reaches("acknowledged", 1, 10));
  Publisher second(to_broker(broker.port(), "tls=false client-id=gate"));
  second.play();

  second.push(result_frame(0));

  g_assert_true(second.reaches("acknowledged", 1, 10));
  g_assert_false(first.hears(GST_MESSAGE_WARNING, 10).empty());
}

struct Version {
  const char* name;
  const char* logged;      // by mosquitto to 2.0
  const char* logged_now;  // since 2.1
};
constexpr Version kVersions[] = {{"3.1.1", "as gate (p2,", "as gate (p4,"},
                                 {"5", "as gate (p5,", "as gate (p5,"}};

void test_the_version_is_spoken(gconstpointer data) {
  if (!broker_or_skip())
    return;
  const auto& c = *static_cast<const Version*>(data);
  const Broker broker({.tls = false, .password = false});
  Publisher publisher(
      to_broker(broker.port(), std::string("tls=false client-id=gate "
                                           "mqtt-version=") +
                                   c.name));
  publisher.play();

  publisher.push(result_frame(0));

  g_assert_true(publisher.reaches("acknowledged", 1, 10));
  g_assert_true(within(10, [&] {
    const std::string log = broker.log();
    return log.find(c.logged) != std::string::npos ||
           log.find(c.logged_now) != std::string::npos;
  }));
}

// --- what the broker, or its client, refuses ---

struct Refusal {
  const char* name;
  BrokerOptions broker;
  const char* properties;
  const char* says;
};
constexpr Refusal kRefusals[] = {
    {"a-wrong-password", {}, "CA username=camera password=wrong", "refuses"},
    {"a-wrong-password-with-mqtt-5",
     {},
     "CA username=camera password=wrong mqtt-version=5",
     "refuses"},
    {"no-password", {}, "CA", "refuses"},
    {"another-authority", {}, "OTHER USER", "certificate verify failed"},
    {"the-system's-authorities", {}, "USER", "certificate verify failed"},
    {"tls-where-there-is-none",
     {.tls = false, .password = false},
     "CA",
     "cannot reach"},
    {"no-tls-where-there-is", {.password = false}, "tls=false", "cannot reach"},
    {"a-certificate-for-another-name",
     {.password = false, .certificate = "stranger"},
     "CA",
     "certificate verify failed"},
    {"no-certificate",
     {.password = false, .client_certificate = true},
     "CA",
     ""},
};

void test_a_refusal_is_one_warning(gconstpointer data) {
  if (!broker_or_skip())
    return;
  const auto& c = *static_cast<const Refusal*>(data);
  std::string properties = spelled(c.properties);
  if (properties.rfind("OTHER", 0) == 0)
    properties.replace(0, 5,
                       "ca-file=" + (certificates() / "other.pem").string());
  const Broker broker(c.broker);
  Publisher publisher(to_broker(broker.port(), properties));
  publisher.play();

  publisher.push(result_frame(0));

  const auto warnings = publisher.hears(GST_MESSAGE_WARNING, 15);
  g_assert_cmpuint(warnings.size(), ==, 1);
  g_assert_true(warnings[0].find(c.says) != std::string::npos);
  g_assert_true(warnings[0].find("localhost") != std::string::npos);
  g_assert_true(publisher.hears(GST_MESSAGE_WARNING, 2).empty());
  g_assert_true(publisher.said(GST_MESSAGE_ERROR).empty());
  g_assert_cmpuint(publisher.count("acknowledged"), ==, 0);
  g_assert_false(publisher.is_connected());
}

void test_a_name_that_does_not_exist_is_one_warning(void) {
  if (!broker_or_skip())
    return;
  Publisher publisher("method=mqtt topic=a address=broker.invalid tls=false");
  publisher.play();

  publisher.push(result_frame(0));

  const auto warnings = publisher.hears(GST_MESSAGE_WARNING, 30);
  g_assert_cmpuint(warnings.size(), ==, 1);
  g_assert_true(warnings[0].find("broker.invalid") != std::string::npos);
}

// --- outages ---

void test_nobody_there_is_one_warning_and_no_delay(void) {
  Pace pace;
  double stop = 0;
  {
    Publisher publisher(to_broker(free_port(), "tls=false max-queue=100"));
    publisher.play();

    for (int i = 0; i < 300; ++i) {
      pace.push(publisher, result_frame(i));
      g_usleep(10'000);
    }

    const auto warnings = publisher.said(GST_MESSAGE_WARNING);
    g_assert_cmpuint(warnings.size(), ==, 1);
    g_assert_true(warnings[0].find("Connection refused") != std::string::npos);
    g_assert_cmpuint(publisher.count("queued"), ==, 100);
    g_assert_cmpuint(publisher.count("dropped"), ==, 200);
    stop = seconds_of(
        [&] { gst_element_set_state(publisher.element(), GST_STATE_NULL); });
    g_assert_cmpuint(publisher.said(GST_MESSAGE_WARNING).size(), ==, 1);
  }
  assert_unhindered(pace);
  g_assert_cmpfloat(stop, <, 2);
}

// Which are kept is seen when the broker comes.
void test_the_newest_are_kept(void) {
  if (!broker_or_skip())
    return;
  const Broker broker({.tls = false, .password = false});
  Road road(broker.port());
  road.close();
  Subscriber subscriber(broker, kTopic);
  Publisher publisher(to_broker(road.port(), "tls=false max-queue=5"));
  publisher.play();
  g_assert_cmpuint(publisher.hears(GST_MESSAGE_WARNING, 10).size(), ==, 1);
  for (int i = 0; i < 50; ++i) publisher.push(result_frame(i));

  road.open();

  g_assert_true(publisher.reaches("acknowledged", 5, 20));
  g_assert_true(within(10, [&] { return subscriber.count() >= 5; }));
  const auto messages = subscriber.messages();
  for (int i = 0; i < 5; ++i)
    g_assert_cmpint(index_of(messages[static_cast<std::size_t>(i)]), ==,
                    45 + i);
  g_assert_cmpuint(publisher.count("reconnects"), ==, 1);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_INFO).size(), ==, 1);
}

// Its TCP connection stays, and nothing comes back.
void test_a_broker_that_hangs_delays_nothing(void) {
  if (!broker_or_skip())
    return;
  Broker broker;
  Subscriber subscriber(broker, kTopic);
  Publisher publisher(to_broker(broker.port(), authorised()));
  publisher.play();
  publisher.push(result_frame(0));
  g_assert_true(publisher.reaches("acknowledged", 1, 10));
  Pace pace;

  broker.hang();
  for (int i = 1; i < 300; ++i) {
    pace.push(publisher, result_frame(i));
    g_usleep(5'000);
  }
  const guint64 acknowledged = publisher.count("acknowledged");
  broker.go_on();
  publisher.end();

  assert_unhindered(pace);
  g_assert_cmpuint(acknowledged, <, 300);
  g_assert_cmpuint(publisher.count("acknowledged"), ==, 300);
  g_assert_true(within(10, [&] { return subscriber.count() >= 300; }));
  assert_all_in_order(subscriber.messages(), 300);
}

void test_a_broker_that_hangs_for_long_is_lost_and_found(void) {
  if (!broker_or_skip())
    return;
  Broker broker;
  Publisher publisher(to_broker(broker.port(), authorised()));
  publisher.play();
  publisher.push(result_frame(0));
  g_assert_true(publisher.reaches("acknowledged", 1, 10));

  broker.hang();
  publisher.push(result_frame(1));
  const auto warnings = publisher.hears(GST_MESSAGE_WARNING, 20);
  broker.go_on();

  g_assert_cmpuint(warnings.size(), ==, 1);
  g_assert_true(warnings[0].find("no answer") != std::string::npos);
  g_assert_true(publisher.reaches("acknowledged", 2, 20));
  g_assert_cmpuint(publisher.hears(GST_MESSAGE_INFO, 5).size(), ==, 1);
}

struct Hung {
  const char* name;
  const char* properties;
};
constexpr Hung kHung[] = {{"in-the-clear", "tls=false"}, {"with-tls", "CA"}};

void test_a_server_that_says_nothing_delays_no_stop(gconstpointer data) {
  if (!broker_or_skip())
    return;
  const auto& c = *static_cast<const Hung*>(data);
  const SilentServer server;
  Publisher publisher(to_broker(server.port(), spelled(c.properties)));
  publisher.play();
  publisher.push(result_frame(0));
  const std::clock_t before = std::clock();
  g_usleep(1'000'000);
  const std::clock_t used = std::clock() - before;

  const double stop = seconds_of(
      [&] { gst_element_set_state(publisher.element(), GST_STATE_NULL); });

  g_assert_cmpfloat(stop, <, 2);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_WARNING).size(), ==, 1);
  // It waits; it does not turn round and round.
  g_assert_cmpint(used, <, CLOCKS_PER_SEC / 3);
}

// --- the end of the stream ---

void test_the_end_waits_no_longer_than_it_may(void) {
  Publisher publisher(
      to_broker(free_port(), "tls=false drain-timeout=500000000"));
  publisher.play();
  publisher.push(result_frame(0));

  const double seconds = seconds_of([&] { publisher.end(); });

  g_assert_cmpfloat(seconds, >, 0.45);
  g_assert_cmpfloat(seconds, <, 2);
  g_assert_cmpuint(publisher.count("queued"), ==, 1);
}

void test_the_end_waits_for_a_broker_that_comes_back(void) {
  if (!broker_or_skip())
    return;
  const Broker broker({.tls = false, .password = false});
  Road road(broker.port());
  road.close();
  Publisher publisher(to_broker(road.port(), "tls=false"));
  publisher.play();
  publisher.push(result_frame(0));

  std::thread later([&] {
    g_usleep(500'000);
    road.open();
  });
  publisher.end();
  later.join();

  g_assert_cmpuint(publisher.count("acknowledged"), ==, 1);
}

// How long the end of the stream waits where this is done meanwhile.
template <typename Interrupt>
double seconds_at_the_end(Publisher& publisher, Interrupt interrupt) {
  std::thread later([&] {
    g_usleep(300'000);
    interrupt();
  });
  const double seconds = seconds_of([&] {
    g_autoptr(GstPad) pad =
        gst_element_get_static_pad(publisher.element(), "sink");
    gst_pad_send_event(pad, gst_event_new_eos());
  });
  later.join();
  return seconds;
}

void test_a_flush_ends_the_wait_and_keeps_what_waits(void) {
  Publisher publisher(to_broker(free_port(), "tls=false"));
  publisher.play();
  publisher.push(result_frame(0));

  const double seconds = seconds_at_the_end(
      publisher, [&] { publisher.send(gst_event_new_flush_start()); });

  g_assert_cmpfloat(seconds, <, 5);
  g_assert_cmpuint(publisher.count("queued"), ==, 1);
}

void test_stopping_ends_the_wait(void) {
  Publisher publisher(to_broker(free_port(), "tls=false"));
  publisher.play();
  publisher.push(result_frame(0));

  const double seconds = seconds_at_the_end(publisher, [&] {
    gst_element_set_state(publisher.element(), GST_STATE_NULL);
  });

  g_assert_cmpfloat(seconds, <, 5);
}

// --- the promise ---

// The broker is killed and remembers nothing. What it had not acknowledged
// comes again, so that a line may arrive twice, but none before its turn. The
// road opens once the subscriber is back, for what nobody has subscribed to is
// lost by right.
void test_nothing_is_lost_in_an_outage_of_ten_seconds(void) {
  if (!broker_or_skip())
    return;
  Broker broker;
  Road road(broker.port());
  Subscriber subscriber(broker, kTopic);
  Publisher publisher(to_broker(road.port(), authorised() + "max-queue=10000"));
  publisher.play();
  const auto begin = [&] {
    road.close();
    broker.kill();
  };
  const auto end = [&] {
    broker.start();
    g_assert_true(within(10, [&] { return subscriber.subscriptions() == 2; }));
    road.open();
  };

  assert_all_are_acknowledged(publisher, {begin, end});

  g_assert_cmpuint(publisher.count("reconnects"), ==, 1);
  g_assert_true(within(20, [&] {
    const auto messages = subscriber.messages();
    return !messages.empty() && index_of(messages.back()) == kOutageFrames - 1;
  }));
  g_test_message("%d delivered again",
                 assert_all_in_order(subscriber.messages(), kOutageFrames));
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  mosquitto_lib_init();
  add_rows("/publish/mqtt/results-arrive", kWays, test_results_arrive);
  g_test_add_func("/publish/mqtt/the-client-has-the-name-it-was-given",
                  test_the_client_has_the_name_it_was_given);
  add_rows("/publish/mqtt/the-version-is-spoken", kVersions,
           test_the_version_is_spoken);
  add_rows("/publish/mqtt/a-refusal-is-one-warning", kRefusals,
           test_a_refusal_is_one_warning);
  g_test_add_func("/publish/mqtt/a-name-that-does-not-exist-is-one-warning",
                  test_a_name_that_does_not_exist_is_one_warning);
  g_test_add_func("/publish/mqtt/nobody-there-is-one-warning-and-no-delay",
                  test_nobody_there_is_one_warning_and_no_delay);
  g_test_add_func("/publish/mqtt/the-newest-are-kept",
                  test_the_newest_are_kept);
  g_test_add_func("/publish/mqtt/a-broker-that-hangs-delays-nothing",
                  test_a_broker_that_hangs_delays_nothing);
  g_test_add_func(
      "/publish/mqtt/a-broker-that-hangs-for-long-is-lost-and-found",
      test_a_broker_that_hangs_for_long_is_lost_and_found);
  add_rows("/publish/mqtt/a-server-that-says-nothing-delays-no-stop", kHung,
           test_a_server_that_says_nothing_delays_no_stop);
  g_test_add_func("/publish/mqtt/the-end-waits-no-longer-than-it-may",
                  test_the_end_waits_no_longer_than_it_may);
  g_test_add_func("/publish/mqtt/the-end-waits-for-a-broker-that-comes-back",
                  test_the_end_waits_for_a_broker_that_comes_back);
  g_test_add_func("/publish/mqtt/a-flush-ends-the-wait-and-keeps-what-waits",
                  test_a_flush_ends_the_wait_and_keeps_what_waits);
  g_test_add_func("/publish/mqtt/stopping-ends-the-wait",
                  test_stopping_ends_the_wait);
  g_test_add_func("/publish/mqtt/nothing-is-lost-in-an-outage-of-ten-seconds",
                  test_nothing_is_lost_in_an_outage_of_ten_seconds);
  return g_test_run();
}
