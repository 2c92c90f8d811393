// SPDX-License-Identifier: LGPL-2.1-or-later
#include "harness.h"

#include <algorithm>

#include "result_metas.h"

namespace support {
namespace {

Result result_of(const TestResult& given) {
  Result result{.region = given.object_id < 0 ? "full-frame" : "object",
                .label = given.label,
                .confidence = given.confidence,
                .label_id = given.id,
                .object_id = given.object_id,
                .object_class = given.object_class,
                .x = 1,
                .y = 2,
                .width = 30,
                .height = 40};
  for (const TestClass& each : given.top)
    result.top.push_back({each.label, each.confidence, each.present, each.id});
  return result;
}

std::string text_of(GstMessage* message) {
  g_autoptr(GError) error = nullptr;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error(message, &error, nullptr);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning(message, &error, nullptr);
      break;
    default:
      gst_message_parse_info(message, &error, nullptr);
  }
  g_test_message("said: %s", error->message);
  return error->message;
}

}  // namespace

void add_results(GstBuffer* buffer, const std::string& model,
                 const std::vector<TestResult>& results) {
  std::vector<Result> all;
  for (const TestResult& result : results) all.push_back(result_of(result));
  put_results(buffer, all, model);
}

GstBuffer* result_frame(int index, const std::vector<TestResult>& results) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 32, nullptr);
  GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(index) * kStep;
  GST_BUFFER_DURATION(buffer) = kStep;
  add_results(buffer, "signs", results);
  return buffer;
}

GstBuffer* result_frame(int index, const char* label) {
  return result_frame(index, {{.label = label}});
}

Publisher::Publisher(const std::string& properties) : bus_(gst_bus_new()) {
  g_autoptr(GError) error = nullptr;
  element_ = gst_parse_launch(("torchpublish " + properties).c_str(), &error);
  g_assert_no_error(error);
  gst_object_ref_sink(element_);
  gst_element_set_bus(element_, bus_);
}

Publisher::~Publisher() {
  if (harness_)
    gst_harness_teardown(harness_);
  gst_element_set_state(element_, GST_STATE_NULL);
  gst_element_set_bus(element_, nullptr);
  gst_object_unref(element_);
  gst_object_unref(bus_);
}

void Publisher::play() {
  harness_ = gst_harness_new_with_element(element_, "sink", "src");
  gst_harness_set_src_caps_str(harness_,
                               "video/x-raw,format=GRAY8,width=8,height=4");
}

GstFlowReturn Publisher::try_push(GstBuffer* buffer) {
  return gst_harness_push(harness_, buffer);
}

void Publisher::push(GstBuffer* buffer) {
  g_assert_cmpint(try_push(buffer), ==, GST_FLOW_OK);
  g_autoptr(GstBuffer) passed = gst_harness_pull(harness_);
  g_assert_true(passed == buffer);
}

void Publisher::end() {
  g_assert_true(gst_harness_push_event(harness_, gst_event_new_eos()));
}

bool Publisher::send(GstEvent* event) {
  return gst_harness_push_event(harness_, event);
}

guint64 Publisher::count(const char* name) const {
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element_, "stats", &stats, nullptr);
  guint64 value = G_MAXUINT64;
  g_assert_true(gst_structure_get_uint64(stats, name, &value));
  return value;
}

bool Publisher::is_connected() const {
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element_, "stats", &stats, nullptr);
  gboolean connected = FALSE;
  g_assert_true(gst_structure_get_boolean(stats, "connected", &connected));
  return connected;
}

bool Publisher::reaches(const char* name, guint64 value, double seconds) const {
  return within(seconds, [&] { return count(name) >= value; });
}

std::vector<std::string> Publisher::said(GstMessageType type) const {
  constexpr auto kTold = static_cast<GstMessageType>(
      GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_INFO);
  while (GstMessage* message = gst_bus_pop_filtered(bus_, kTold)) {
    told_.emplace_back(GST_MESSAGE_TYPE(message), text_of(message));
    gst_message_unref(message);
  }
  std::vector<std::string> texts;
  for (const auto& [of, text] : told_) {
    if (of == type)
      texts.push_back(text);
  }
  std::erase_if(told_, [type](const auto& told) { return told.first == type; });
  return texts;
}

std::vector<std::string> Publisher::hears(GstMessageType type,
                                          double seconds) const {
  std::vector<std::string> texts;
  within(seconds, [&] {
    texts = said(type);
    return !texts.empty();
  });
  return texts;
}

void Pace::push(Publisher& publisher, GstBuffer* buffer) {
  microseconds_.push_back(1e6 * seconds_of([&] { publisher.push(buffer); }));
}

double Pace::percentile(double fraction) const {
  std::vector<double> sorted = microseconds_;
  std::sort(sorted.begin(), sorted.end());
  return sorted.empty()
             ? 0
             : sorted[static_cast<std::size_t>(
                   fraction * static_cast<double>(sorted.size() - 1))];
}

void assert_unhindered(const Pace& pace) {
  g_assert_cmpfloat(pace.percentile(0.5), <, 10'000);
  g_assert_cmpfloat(pace.percentile(0.99), <, 1'000'000);
}

}  // namespace support
