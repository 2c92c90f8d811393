// SPDX-License-Identifier: LGPL-2.1-or-later
// torchpublish to files: what is written, when, and what becomes of failures.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "classify_harness.h"
#include "harness.h"
#include "subprocess.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
using Json = nlohmann::json;
namespace fs = std::filesystem;

std::string to_file(const fs::path& path, const std::string& more = "") {
  return "method=file file-path=\"" + path.string() + "\" " + more;
}

std::vector<Json> lines_of(const fs::path& path) {
  std::istringstream text(read_file(path));
  std::vector<Json> lines;
  for (std::string line; std::getline(text, line);)
    lines.push_back(Json::parse(line));
  return lines;
}

// What one frame becomes.
Json published(GstBuffer* buffer, const std::string& properties = "") {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out", properties));
  publisher.play();
  publisher.push(buffer);
  publisher.end();
  const auto lines = lines_of(folder / "out");
  g_assert_cmpuint(lines.size(), ==, 1);
  return lines.front();
}

// --- what a line says ---

void test_a_line_has_every_field(void) {
  const TestResult result = {
      .label = "stop",
      .id = 14,
      .confidence = 0.75,
      .object_id = 7,
      .object_class = "sign",
      .top = {{"stop", 14, 0.75, true}, {"yield", 13, 0.25, false}}};

  const Json line = published(result_frame(2, {result}), "source=gate");

  const Json expected = Json::parse(
      R"({"source": "gate", "model": "signs", "timestamp": 80000000,
          "stream-time": 80000000, "running-time": 80000000,
          "duration": 40000000, "results": [{"region": "object",
          "label": "stop", "label-id": 14, "confidence": 0.75, "age": 0,
          "object-id": 7, "object-class": "sign", "x": 1, "y": 2, "width": 30,
          "height": 40, "top": [
            {"label": "stop", "label-id": 14, "confidence": 0.75,
             "present": true},
            {"label": "yield", "label-id": 13, "confidence": 0.25,
             "present": false}]}]})");
  g_test_message("got: %s", line.dump().c_str());
  g_assert_true(line == expected);
}

void test_times_and_sources_that_are_not_known_are_null(void) {
  GstBuffer* buffer = gst_buffer_new();
  add_results(buffer, "signs", {{}});

  const Json line = published(buffer);

  for (const char* field :
       {"source", "timestamp", "stream-time", "running-time", "duration"})
    g_assert_true(line.at(field).is_null());
}

struct Label {
  const char* name;
  const char* label;
  const char* expected;
};
constexpr Label kLabels[] = {
    {"quotes", "a \"b\" \\ c", "a \"b\" \\ c"},
    {"line-feeds", "a\nb\tc\x01", "a\nb\tc\x01"},
    {"every-script", "Straße 停 🛑", "Straße 停 🛑"},
};

void test_labels_survive(gconstpointer data) {
  const auto& c = *static_cast<const Label*>(data);

  const Json line = published(result_frame(0, c.label));

  const std::string label = line.at("results")[0].at("label");
  g_assert_cmpstr(label.c_str(), ==, c.expected);
}

void test_a_source_that_is_no_utf8_is_mended(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out"));
  g_object_set(publisher.element(), "source", "cam\xff", nullptr);
  publisher.play();

  publisher.push(result_frame(0));
  publisher.end();

  const auto lines = lines_of(folder / "out");
  const std::string source = lines.at(0).at("source");
  g_assert_cmpstr(source.c_str(), ==, "cam\xef\xbf\xbd");
}

void test_numbers_that_are_none_are_valid_json(void) {
  const Json line = published(result_frame(0, {{.confidence = std::nan("")}}));

  const Json& confidence = line.at("results")[0].at("confidence");
  g_assert_true(confidence.is_null() || confidence.is_number());
}

void test_frames_without_results_say_nothing(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out"));
  publisher.play();

  publisher.push(gst_buffer_new());
  publisher.end();

  g_assert_true(lines_of(folder / "out").empty());
}

void test_each_element_has_its_line(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out"));
  publisher.play();
  GstBuffer* buffer = result_frame(0);
  add_results(buffer, "colours", {{.label = "red"}});

  publisher.push(buffer);
  publisher.end();

  const auto lines = lines_of(folder / "out");
  g_assert_cmpuint(lines.size(), ==, 2);
  g_assert_true(lines[0].at("model") == "signs");
  g_assert_true(lines[1].at("model") == "colours");
}

void test_the_order_is_kept(void) {
  constexpr int kFrames = 2000;
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out", "max-queue=10000"));
  publisher.play();

  for (int i = 0; i < kFrames; ++i) publisher.push(result_frame(i));
  publisher.end();

  const auto lines = lines_of(folder / "out");
  g_assert_cmpuint(lines.size(), ==, kFrames);
  for (int i = 0; i < kFrames; ++i)
    g_assert_true(lines[i].at("timestamp") == i * kStep);
  g_assert_cmpuint(publisher.count("acknowledged"), ==, kFrames);
  g_assert_cmpuint(publisher.count("queued"), ==, 0);
}

// --- which frames are published ---

// Pushes a frame for each of these and gives the indices of the published.
std::vector<int> indices(const std::string& properties,
                         const std::vector<std::vector<TestResult>>& frames) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out", properties));
  publisher.play();
  for (std::size_t i = 0; i < frames.size(); ++i)
    publisher.push(result_frame(static_cast<int>(i), frames[i]));
  publisher.end();
  std::vector<int> result;
  for (const Json& line : lines_of(folder / "out"))
    result.push_back(
        static_cast<int>(line.at("timestamp").get<guint64>() / kStep));
  return result;
}

struct Change {
  const char* name;
  std::vector<TestResult> before;
  std::vector<TestResult> after;
  bool published;
};
const Change kChanges[] = {
    {"the-same", {{}}, {{}}, false},
    {"another-confidence", {{.confidence = 0.5}}, {{.confidence = 0.9}}, false},
    {"another-label", {{}}, {{.label = "yield", .id = 13}}, true},
    {"one-object-more",
     {{.object_id = 1}},
     {{.object_id = 1}, {.object_id = 2}},
     true},
    {"no-object-any-more", {{.object_id = 1}}, {}, true},
    {"another-object", {{.object_id = 1}}, {{.object_id = 2}}, true},
    {"another-class-of-the-detector",
     {{.object_class = "car"}},
     {{.object_class = "bus"}},
     true},
    {"the-same-objects-in-another-order",
     {{.object_id = 1}, {.object_id = 2}},
     {{.object_id = 2}, {.object_id = 1}},
     false},
    {"another-class-present",
     {{.top = {{"a", 0, 0.9, true}, {"b", 1, 0.4, false}}}},
     {{.top = {{"a", 0, 0.9, true}, {"b", 1, 0.6, true}}}},
     true},
};

void test_change(gconstpointer data) {
  const auto& c = *static_cast<const Change*>(data);

  const auto result = indices("publish=change", {c.before, c.after});

  const std::vector<int> both = {0, 1};
  const std::vector<int> first = {0};
  g_assert_true(result == (c.published ? both : first));
}

// At 40 ms from frame to frame.
void test_an_interval_lets_one_frame_pass(void) {
  const std::vector<std::vector<TestResult>> frames(11, {{}});

  const auto result = indices("publish=interval interval=160000000", frames);

  g_assert_true(result == std::vector<int>({0, 4, 8}));
}

void test_an_interval_begins_anew_where_time_goes_back(void) {
  const TemporaryFolder folder;
  Publisher publisher(
      to_file(folder / "out", "publish=interval interval=1000000000"));
  publisher.play();

  publisher.push(result_frame(100));
  publisher.push(result_frame(3));
  publisher.end();

  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 2);
}

void test_publish_can_change_while_playing(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out"));
  publisher.play();
  publisher.push(result_frame(0));
  publisher.push(result_frame(1));

  gst_util_set_object_arg(G_OBJECT(publisher.element()), "publish", "change");
  publisher.push(result_frame(2));
  publisher.push(result_frame(3));
  publisher.end();

  // The first after the change has nothing to be compared with.
  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 3);
}

void test_after_a_flush_the_same_is_news(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out", "publish=change"));
  publisher.play();
  publisher.push(result_frame(0));

  publisher.send(gst_event_new_flush_start());
  publisher.send(gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  publisher.send(gst_event_new_segment(&segment));
  publisher.push(result_frame(1));
  publisher.end();

  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 2);
}

// --- files ---

void test_a_file_is_replaced_or_continued(void) {
  const TemporaryFolder folder;
  for (const char* append : {"append=false", "append=false", "append=true"}) {
    Publisher publisher(to_file(folder / "out", append));
    publisher.play();
    publisher.push(result_frame(0));
    publisher.end();
  }

  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 2);
}

void test_what_waits_is_written_when_the_element_stops(void) {
  const TemporaryFolder folder;
  {
    Publisher publisher(to_file(folder / "out"));
    publisher.play();
    for (int i = 0; i < 100; ++i) publisher.push(result_frame(i));
  }

  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 100);
}

void test_pausing_keeps_the_file(void) {
  const TemporaryFolder folder;
  Publisher publisher(to_file(folder / "out"));
  gst_element_set_state(publisher.element(), GST_STATE_PAUSED);
  gst_element_set_state(publisher.element(), GST_STATE_READY);
  publisher.play();

  publisher.push(result_frame(0));
  publisher.end();

  g_assert_cmpuint(lines_of(folder / "out").size(), ==, 1);
}

struct Refused {
  const char* name;
  const char* properties;
  GQuark (*domain)(void);
  int code;
  const char* says;
};
constexpr Refused kRefused[] = {
    {"a-folder-that-is-not-there", "file-path=/nowhere/at/all",
     gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_WRITE,
     "/nowhere/at/all"},
    {"a-folder-as-a-file", "file-path=/", gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_WRITE, "cannot write to /"},
    {"no-file", "file-path=\"\"", gst_library_error_quark,
     GST_LIBRARY_ERROR_SETTINGS, "file-path"},
    {"a-broker-without-an-address", "method=mqtt topic=a",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "address"},
    {"an-address-with-a-scheme", "method=mqtt topic=a address=mqtt://b",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "mqtt://b"},
    {"a-port-that-is-none", "method=mqtt topic=a address=b:70000",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "b:70000"},
    {"a-port-that-is-a-word", "method=mqtt topic=a address=b:mqtt",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "b:mqtt"},
    {"an-open-bracket", "method=mqtt topic=a address=[::1:1883",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "bracket"},
    {"two-mqtt-brokers", "method=mqtt topic=a address=b,c",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "one broker"},
    {"an-empty-broker", "method=kafka topic=a address=b,,c",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "host"},
    {"no-topic", "method=mqtt address=b", gst_library_error_quark,
     GST_LIBRARY_ERROR_SETTINGS, "topic"},
    {"the-wildcard-plus", "method=mqtt address=b topic=a/+/c",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "a/+/c"},
    {"the-wildcard-hash", "method=mqtt address=b topic=a/#",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "a/#"},
    {"a-topic-that-kafka-has-not", "method=kafka address=b topic=a/b",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "a/b"},
    {"a-password-without-a-user", "method=mqtt address=b topic=a password=c",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "username"},
    {"a-certificate-without-a-key",
     "method=mqtt address=b topic=a cert-file=/dev/null",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "key-file"},
    {"a-key-without-a-certificate",
     "method=kafka address=b topic=a key-file=/dev/null",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "cert-file"},
    {"an-absent-ca-file", "method=mqtt address=b topic=a ca-file=/nowhere.pem",
     gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND, "/nowhere.pem"},
    {"a-ca-file-that-is-none",
     "method=kafka address=b topic=a ca-file=/dev/null",
     gst_library_error_quark, GST_LIBRARY_ERROR_SETTINGS, "ssl.ca.location"},
};

void test_bad_settings_are_one_error(gconstpointer data) {
  const auto& c = *static_cast<const Refused*>(data);
  Publisher publisher(c.properties);
  g_autoptr(GstBus) bus = gst_element_get_bus(publisher.element());

  const auto result =
      gst_element_set_state(publisher.element(), GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint(GST_STATE(publisher.element()), ==, GST_STATE_NULL);
  g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  g_assert_nonnull(message);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  g_test_message("got: %s", error->message);
  g_assert_true(publisher.said(GST_MESSAGE_ERROR).empty());
  // Without the library, every setting of a method is a bad one.
  if (std::strstr(error->message, "built without")) {
    g_assert_true(
        g_error_matches(error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT));
    return;
  }
  g_assert_true(g_error_matches(error, c.domain(), c.code));
  g_assert_nonnull(std::strstr(error->message, c.says));
}

void test_a_bad_path_can_be_put_right(void) {
  const TemporaryFolder folder;
  Publisher publisher("file-path=/nowhere/at/all");
  g_assert_cmpint(gst_element_set_state(publisher.element(), GST_STATE_READY),
                  ==, GST_STATE_CHANGE_FAILURE);

  g_object_set(publisher.element(), "file-path", (folder / "out").c_str(),
               nullptr);

  g_assert_cmpint(gst_element_set_state(publisher.element(), GST_STATE_READY),
                  ==, GST_STATE_CHANGE_SUCCESS);
}

void test_a_full_disk_is_one_error(void) {
  Publisher publisher("file-path=/dev/full");
  publisher.play();
  publisher.push(result_frame(0));
  g_autoptr(GstBus) bus = gst_element_get_bus(publisher.element());

  g_autoptr(GstMessage) message =
      gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);

  g_assert_nonnull(message);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  g_assert_true(g_error_matches(error, GST_RESOURCE_ERROR,
                                GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  g_assert_nonnull(std::strstr(error->message, "/dev/full"));
  g_assert_cmpint(publisher.try_push(result_frame(1)), ==, GST_FLOW_ERROR);
  g_assert_cmpuint(publisher.count("failed"), ==, 1);
  g_assert_true(publisher.said(GST_MESSAGE_ERROR).empty());
}

// With a limit of the file's size in place of a disk that is full.
void test_no_line_is_left_half_written(void) {
  const TemporaryFolder folder;
  const std::string script =
      "ulimit -f 4; trap '' XFSZ; exec gst-launch-1.0 videotestsrc "
      "num-buffers=200 ! video/x-raw,format=GRAY8,width=8,height=4 ! "
      "torchclassify model-file=m ! torchpublish file-path=" +
      (folder / "out").string() + " ! fakesink";
  if (!program_or_skip("gst-launch-1.0"))
    return;

  const Ended ended = run({"bash", "-c", script});

  g_assert_cmpint(ended.status, !=, 0);
  g_assert_true(ended.err.find("cannot write to") != std::string::npos);
  const std::string text = read_file(folder / "out");
  g_assert_cmpuint(text.size(), <=, 4096);
  g_assert_cmpuint(text.size(), >, 1000);
  g_assert_true(text.back() == '\n');
  lines_of(folder / "out");
}

void test_standard_output_is_a_file(void) {
  if (!program_or_skip("gst-launch-1.0"))
    return;

  const Ended ended =
      run({"gst-launch-1.0", "-q", "videotestsrc", "num-buffers=3", "!",
           "video/x-raw,format=GRAY8,width=8,height=4", "!", "torchclassify",
           "model-file=m", "!", "torchpublish", "!", "fakesink"});

  g_assert_cmpint(ended.status, ==, 0);
  std::istringstream text(ended.out);
  int count = 0;
  for (std::string line; std::getline(text, line); ++count)
    g_assert_true(Json::parse(line).at("model") == "m");
  g_assert_cmpint(count, ==, 3);
}

// A pipe that nobody reads: its buffer is full, and the element is not.
void test_a_reader_that_stalls_stalls_no_frame(void) {
  const TemporaryFolder folder;
  const fs::path path = folder / "pipe";
  g_assert_cmpint(mkfifo(path.c_str(), 0600), ==, 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  Pace pace;
  double stop = 0;
  guint64 dropped = 0;
  {
    Publisher publisher(to_file(path, "max-queue=10 drain-timeout=100000000"));
    publisher.play();
    for (int i = 0; i < 2000; ++i) pace.push(publisher, result_frame(i));
    dropped = publisher.count("dropped");
    g_assert_cmpuint(publisher.count("queued"), <=, 11);
    publisher.end();
    stop = seconds_of(
        [&] { gst_element_set_state(publisher.element(), GST_STATE_NULL); });
  }
  close(reader);

  assert_unhindered(pace);
  g_assert_cmpfloat(stop, <, 2);
  g_assert_cmpuint(dropped, >, 1000);
}

void test_a_reader_that_leaves_is_an_error_not_a_signal(void) {
  const TemporaryFolder folder;
  const fs::path path = folder / "pipe";
  g_assert_cmpint(mkfifo(path.c_str(), 0600), ==, 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  Publisher publisher(to_file(path));
  publisher.play();

  close(reader);
  publisher.push(result_frame(0));

  g_assert_cmpuint(publisher.hears(GST_MESSAGE_ERROR, 10).size(), ==, 1);
}

void test_a_pipe_without_a_reader_is_an_error(void) {
  const TemporaryFolder folder;
  const fs::path path = folder / "pipe";
  g_assert_cmpint(mkfifo(path.c_str(), 0600), ==, 0);
  Publisher publisher(to_file(path));

  const auto result =
      gst_element_set_state(publisher.element(), GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_ERROR).size(), ==, 1);
}

// --- the element ---

void test_the_password_cannot_be_read(void) {
  Publisher publisher("password=secret");
  const GParamSpec* spec = g_object_class_find_property(
      G_OBJECT_GET_CLASS(publisher.element()), "password");

  g_assert_true(spec->flags & G_PARAM_WRITABLE);
  g_assert_false(spec->flags & G_PARAM_READABLE);
}

void test_latency_and_pixels_are_left_alone(void) {
  const TemporaryFolder folder;
  const Harness harness(gst_harness_new_parse(
      ("torchpublish " + to_file(folder / "out")).c_str()));
  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=8,height=4");
  gst_harness_set_upstream_latency(harness.get(), 10 * GST_MSECOND);
  // Not writable: a change would make a copy.
  g_autoptr(GstBuffer) shared = result_frame(0);

  gst_harness_push(harness.get(), gst_buffer_ref(shared));

  g_autoptr(GstBuffer) passed = gst_harness_pull(harness.get());
  g_assert_true(passed == shared);
  g_assert_cmpuint(gst_harness_query_latency(harness.get()), ==,
                   10 * GST_MSECOND);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/publish/line/has-every-field", test_a_line_has_every_field);
  g_test_add_func("/publish/line/what-is-not-known-is-null",
                  test_times_and_sources_that_are_not_known_are_null);
  add_rows("/publish/line/labels-survive", kLabels, test_labels_survive);
  g_test_add_func("/publish/line/a-source-that-is-no-utf8-is-mended",
                  test_a_source_that_is_no_utf8_is_mended);
  g_test_add_func("/publish/line/numbers-that-are-none-are-valid-json",
                  test_numbers_that_are_none_are_valid_json);
  g_test_add_func("/publish/frames-without-results-say-nothing",
                  test_frames_without_results_say_nothing);
  g_test_add_func("/publish/each-element-has-its-line",
                  test_each_element_has_its_line);
  g_test_add_func("/publish/the-order-is-kept", test_the_order_is_kept);
  add_rows("/publish/on-change", kChanges, test_change);
  g_test_add_func("/publish/an-interval-lets-one-frame-pass",
                  test_an_interval_lets_one_frame_pass);
  g_test_add_func("/publish/an-interval-begins-anew-where-time-goes-back",
                  test_an_interval_begins_anew_where_time_goes_back);
  g_test_add_func("/publish/which-frames-can-change-while-playing",
                  test_publish_can_change_while_playing);
  g_test_add_func("/publish/after-a-flush-the-same-is-news",
                  test_after_a_flush_the_same_is_news);
  g_test_add_func("/publish/file/is-replaced-or-continued",
                  test_a_file_is_replaced_or_continued);
  g_test_add_func("/publish/file/what-waits-is-written-when-the-element-stops",
                  test_what_waits_is_written_when_the_element_stops);
  g_test_add_func("/publish/file/is-kept-between-pauses",
                  test_pausing_keeps_the_file);
  add_rows("/publish/bad-settings-are-one-error", kRefused,
           test_bad_settings_are_one_error);
  g_test_add_func("/publish/file/a-bad-path-can-be-put-right",
                  test_a_bad_path_can_be_put_right);
  g_test_add_func("/publish/file/a-full-disk-is-one-error",
                  test_a_full_disk_is_one_error);
  g_test_add_func("/publish/file/no-line-is-left-half-written",
                  test_no_line_is_left_half_written);
  g_test_add_func("/publish/file/standard-output-is-one",
                  test_standard_output_is_a_file);
  g_test_add_func("/publish/file/a-reader-that-stalls-stalls-no-frame",
                  test_a_reader_that_stalls_stalls_no_frame);
  g_test_add_func("/publish/file/a-reader-that-leaves-is-an-error-not-a-signal",
                  test_a_reader_that_leaves_is_an_error_not_a_signal);
  g_test_add_func("/publish/file/a-pipe-without-a-reader-is-an-error",
                  test_a_pipe_without_a_reader_is_an_error);
  g_test_add_func("/publish/the-password-cannot-be-read",
                  test_the_password_cannot_be_read);
  g_test_add_func("/publish/latency-and-pixels-are-left-alone",
                  test_latency_and_pixels_are_left_alone);
  return g_test_run();
}
