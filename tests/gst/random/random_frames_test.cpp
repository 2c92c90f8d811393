// SPDX-License-Identifier: LGPL-2.1-or-later
// Random frames, regions and settings, with the engine of reading_engine.cpp:
// what is honest leaves with what its pixels say, what lies is one error.
// --count N frames, --seed S of the first round, --list what is tried.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "classify_harness.h"
#include "preprocess/pixel_layout.h"
#include "random_frames.h"
#include "random_settings.h"
#include "reading_engine.h"

namespace {

using namespace support;

constexpr int kRoundFrames = 50;
constexpr const char* kModels[] = {"crop", "squash", "letterbox-bicubic",
                                   "grey-squash-bicubic", "grey-letterbox"};

int frame_count = 3000;
gint64 first_seed = 1;
gboolean list = FALSE;

struct Totals {
  int frames = 0;
  int lying = 0;    // that the element had to look at
  int refused = 0;  // of these, and of those that it may have looked at
  int split = 0;    // honest, of several memories
  int packed = 0;   // copied for who does not know GstVideoMeta
  int results = 0;  // compared with the pixels
};

enum class Look { kNo, kMaybe, kYes };

struct Sent {
  RandomFrame frame;
  Look look = Look::kNo;
  guint memories = 0;
  std::vector<Place> places;
  std::vector<int> labels;  // by the pixels; of honest ones that are looked at
};

// Somebody who writes to a memory of the buffer, for as long as this lives.
class Writer {
 public:
  Writer(GstBuffer* buffer, int index) {
    if (index < 0)
      return;
    memory_ = gst_buffer_get_memory(buffer, static_cast<guint>(index));
    g_assert_true(gst_memory_map(memory_, &map_, GST_MAP_WRITE));
  }
  ~Writer() {
    if (!memory_)
      return;
    gst_memory_unmap(memory_, &map_);
    gst_memory_unref(memory_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  GstMemory* memory_ = nullptr;
  GstMapInfo map_{};
};

// One element's life.
class Round {
 public:
  Round(guint64 seed, Totals& totals);
  void run();

 private:
  void ask_allocation();
  void burst();
  bool push(const RandomSettings& settings, std::vector<Sent>& sent);
  void look_at(Sent& frame);
  void check(const Sent& sent, const RandomSettings& settings);
  void check_bytes(const Sent& sent, GstBuffer* buffer);
  void check_results(const Sent& sent, const RandomSettings& settings,
                     GstBuffer* buffer);
  void check_counters();
  void restart(const RandomSettings& settings);
  void play(const RandomSettings& settings);

  Random random_;
  Totals& totals_;
  const std::string model_;
  const bool packs_;  // downstream does not know GstVideoMeta
  Harness harness_;
  HarnessBus bus_;
  torchclassify::Preprocessor preprocessor_;
  std::vector<float> pixels_;
  std::vector<NamedPlace> named_;
  guint64 index_ = 0;  // of the next frame, since the stream began

  guint64 frames_ = 0;  // expected of stats
  guint64 left_out_ = 0;
  guint64 not_finite_ = 0;
  bool not_finite_is_known_ = true;  // nothing is inferred for later frames
};

Round::Round(guint64 seed, Totals& totals)
    : random_(seed),
      totals_(totals),
      model_(random_.pick(kModels)),
      packs_(random_.chance(40)),
      harness_(make_harness(("model-file=" + model_).c_str())),
      bus_(harness_),
      preprocessor_(reading_input(model_)),
      pixels_(torchclassify::input_size(reading_input(model_))) {
  gst_harness_set_src_caps_str(harness_.get(), kCaps);
  ask_allocation();
}

void Round::ask_allocation() {
  if (!packs_)
    return;
  g_autoptr(GstCaps) caps = gst_caps_from_string(kCaps);
  GstQuery* query = gst_query_new_allocation(caps, TRUE);
  g_assert_true(gst_pad_peer_query(harness_->srcpad, query));
  gst_query_unref(query);
}

void Round::run() {
  for (int end = totals_.frames + kRoundFrames; totals_.frames < end;) burst();
}

// Settings stay the same in it, so that it is known which count.
void Round::burst() {
  const RandomSettings settings(random_);
  settings.apply(element_of(harness_).get());
  if (settings.static_regions_are_text)
    named_ = settings.named;
  std::vector<Sent> sent;
  bool refused = false;
  for (int left = random_.within(1, 6); left > 0 && !refused; --left)
    refused = !push(settings, sent);
  for (const Sent& each : sent) check(each, settings);
  if (refused)
    assert_one_error(bus_.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
  else
    g_assert_null(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR));
  check_counters();
  if (refused || random_.chance(10))
    restart(settings);
}

// False if the element refused the frame, as it must if it looks at one that
// lies.
bool Round::push(const RandomSettings& settings, std::vector<Sent>& sent) {
  Sent each{.frame = RandomFrame(random_), .places = {}, .labels = {}};
  const RandomFrame& frame = each.frame;
  const bool latest = std::strcmp(settings.mode, "latest") == 0;
  if (!frame.is_gap() && index_ % settings.inference_interval == 0)
    each.look = latest ? Look::kMaybe : Look::kYes;
  ++index_;
  each.places = places_of(frame, settings, named_, &left_out_);
  const bool copied = packs_ && !frame.is_packed();
  const bool must_fail =
      !frame.is_honest() && (each.look == Look::kYes || copied);
  const bool may_fail = !frame.is_honest() && each.look == Look::kMaybe;
  g_autoptr(GstCaps) caps = frame.make_caps();
  gst_harness_push_event(harness_.get(), gst_event_new_caps(caps));
  GstBuffer* buffer = frame.make_buffer(random_);
  each.memories = gst_buffer_n_memory(buffer);
  const Writer writer(buffer, frame.held());
  if (list)
    g_test_message("%s", frame.text().c_str());

  const GstFlowReturn flow = gst_harness_push(harness_.get(), buffer);

  ++totals_.frames;
  totals_.lying += must_fail;
  if (flow == GST_FLOW_ERROR) {
    g_assert_true(must_fail || may_fail);
    ++totals_.refused;
    return false;
  }
  g_assert_cmpint(flow, ==, GST_FLOW_OK);
  g_assert_false(must_fail);
  ++frames_;
  totals_.packed += copied;
  totals_.split += frame.is_honest() && each.memories > 1;
  not_finite_is_known_ = not_finite_is_known_ && !latest;
  if (each.look == Look::kYes)
    look_at(each);
  sent.push_back(std::move(each));
  return true;
}

// What the engine has to say, from the frame's own bytes.
void Round::look_at(Sent& sent) {
  for (const Place& place : sent.places) {
    torchclassify::ImageView part = sent.frame.view();
    part.x = place.x;
    part.y = place.y;
    part.width = place.width;
    part.height = place.height;
    part.turned = place.turned;
    preprocessor_.run(part, pixels_.data());
    sent.labels.push_back(reading_label(pixels_));
    if (list)
      g_test_message(
          "%s track %d: %d,%d %dx%d turned %g is %d", place.name.c_str(),
          place.track, place.x, place.y, place.width, place.height,
          place.turned ? place.turned->rotation : 0, sent.labels.back());
  }
}

void Round::check(const Sent& sent, const RandomSettings& settings) {
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness_.get());
  g_assert_nonnull(buffer);
  g_assert_cmpuint(GST_BUFFER_PTS(buffer), ==, sent.frame.pts());
  g_assert_cmpint(GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP), ==,
                  sent.frame.is_gap());
  check_bytes(sent, buffer);
  check_results(sent, settings, buffer);
}

// The very memories, or the same pixels in the layout of the caps.
void Round::check_bytes(const Sent& sent, GstBuffer* buffer) {
  const std::vector<guint8>& bytes = sent.frame.bytes();
  if (!packs_ || sent.frame.is_packed()) {
    g_assert_cmpuint(gst_buffer_n_memory(buffer), ==, sent.memories);
    g_assert_cmpuint(gst_buffer_get_size(buffer), ==, bytes.size());
    g_assert_true(bytes.empty() || gst_buffer_memcmp(buffer, 0, bytes.data(),
                                                     bytes.size()) == 0);
    return;
  }
  g_assert_null(gst_buffer_get_video_meta(buffer));
  GstVideoFrame copy;
  g_assert_true(
      gst_video_frame_map(&copy, &sent.frame.info(), buffer, GST_MAP_READ));
  const torchclassify::ImageView view = sent.frame.view();
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&copy); ++i) {
    const torchclassify::PlaneSize size = torchclassify::plane_size(
        view.format, static_cast<int>(i), view.width, view.height);
    const torchclassify::Plane& plane = view.planes[i];
    const auto* copied =
        static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&copy, i));
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(&copy, i);
    for (int row = 0; row < size.rows; ++row)
      g_assert_cmpmem(copied + row * stride, size.row_bytes,
                      plane.data + row * plane.stride, size.row_bytes);
  }
  gst_video_frame_unmap(&copy);
}

std::vector<const GstStructure*> structures(const GstStructure* of,
                                            const char* field) {
  std::vector<const GstStructure*> all;
  const GValue* list = gst_structure_get_value(of, field);
  for (guint i = 0; i < gst_value_list_get_size(list); ++i)
    all.push_back(gst_value_get_structure(gst_value_list_get_value(list, i)));
  return all;
}

std::vector<const GstStructure*> results_on(GstBuffer* buffer) {
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, "torchclassify");
  if (!meta)
    return {};
  return structures(gst_custom_meta_get_structure(meta), "results");
}

int number(const GstStructure* structure, const char* field) {
  int value = G_MININT;
  g_assert_true(gst_structure_get_int(structure, field, &value));
  return value;
}

void assert_place(const GstStructure* result, const Place& place) {
  g_assert_cmpstr(gst_structure_get_string(result, "region"), ==,
                  place.name.c_str());
  g_assert_cmpint(number(result, "x"), ==, place.x);
  g_assert_cmpint(number(result, "y"), ==, place.y);
  g_assert_cmpint(number(result, "width"), ==, place.width);
  g_assert_cmpint(number(result, "height"), ==, place.height);
  g_assert_cmpint(number(result, "object-id"), ==, place.track);
}

void assert_label(const GstStructure* result, int label,
                  const RandomSettings& settings) {
  const auto top = structures(result, "top");
  g_assert_cmpuint(top.size(), ==,
                   std::min<guint>(settings.top_k, kReadingClasses));
  g_assert_cmpint(number(top[0], "label-id"), ==, label);
  g_assert_cmpint(number(result, "label-id"), ==,
                  settings.threshold > 0.75 ? -1 : label);
}

// What one tracker calls one object is inferred where it is first in the frame.
// Nothing where that gave NaN: then a label of before counts, if there is one.
std::optional<std::vector<int>> expected_labels(const Sent& sent) {
  std::vector<int> labels = sent.labels;
  std::map<int, int> first;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (sent.places[i].track < 0)
      continue;
    const auto [known, is_first] =
        first.emplace(sent.places[i].track, labels[i]);
    if (!is_first && known->second == kNotFinite)
      return std::nullopt;
    labels[i] = known->second;
  }
  return labels;
}

bool all_are_inferred(const Sent& sent, const RandomSettings& settings) {
  return sent.look == Look::kYes &&
         (settings.reclassify_interval == 1 ||
          std::strcmp(settings.inference_region, "roi-list") != 0);
}

void Round::check_results(const Sent& sent, const RandomSettings& settings,
                          GstBuffer* buffer) {
  const std::vector<const GstStructure*> results = results_on(buffer);
  g_assert_cmpuint(results.size(), <=, sent.places.size());
  for (const GstStructure* result : results) {
    g_assert_cmpint(number(result, "label-id"), >=, -1);
    g_assert_cmpint(number(result, "label-id"), <, kReadingClasses);
  }
  const auto labels =
      all_are_inferred(sent, settings) ? expected_labels(sent) : std::nullopt;
  if (!labels) {
    not_finite_is_known_ = not_finite_is_known_ && sent.look == Look::kNo;
    return;
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < sent.places.size(); ++i) {
    const int label = (*labels)[i];
    if (label == kNotFinite) {
      ++not_finite_;
      continue;
    }
    g_assert_cmpuint(at, <, results.size());
    const GstStructure* result = results[at++];
    assert_place(result, sent.places[i]);
    if (!settings.has_plain_labels())
      continue;
    assert_label(result, label, settings);
    ++totals_.results;
  }
  g_assert_cmpuint(at, ==, results.size());
}

void Round::check_counters() {
  g_assert_cmpuint(counter(harness_, "frames"), ==, frames_);
  g_assert_cmpuint(counter(harness_, "left-out"), ==, left_out_);
  if (not_finite_is_known_)
    g_assert_cmpuint(counter(harness_, "not-finite"), ==, not_finite_);
}

// From NULL it does not begin with settings that cannot be used.
void Round::play(const RandomSettings& settings) {
  const bool refused =
      GST_STATE(harness_->element) == GST_STATE_NULL && !settings.can_begin();
  const auto result =
      gst_element_set_state(harness_->element, GST_STATE_PLAYING);
  g_assert_cmpint(
      result, ==,
      refused ? GST_STATE_CHANGE_FAILURE : GST_STATE_CHANGE_SUCCESS);
  if (!refused)
    return;
  assert_one_error(bus_.get(), GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  named_ = {{"all", 0, 0, 1, 1}};
  g_object_set(element_of(harness_).get(), "static-regions", "all=0,0,1,1",
               "object-min-width", 0, "object-min-height", 0, nullptr);
  g_assert_cmpint(gst_element_set_state(harness_->element, GST_STATE_PLAYING),
                  ==, GST_STATE_CHANGE_SUCCESS);
}

// Or simply goes on.
void Round::restart(const RandomSettings& settings) {
  const GstState states[] = {GST_STATE_PLAYING, GST_STATE_PAUSED,
                             GST_STATE_READY, GST_STATE_NULL};
  const GstState state = random_.pick(states);
  if (state == GST_STATE_PLAYING)
    return;
  if (state == GST_STATE_PAUSED) {
    gst_harness_push_event(harness_.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness_.get(), gst_event_new_flush_stop(TRUE));
  } else {
    gst_element_set_state(harness_->element, state);
    play(settings);
    gst_harness_push_event(harness_.get(), gst_event_new_stream_start("again"));
  }
  gst_harness_set_src_caps_str(harness_.get(), kCaps);
  ask_allocation();
  index_ = 0;
  if (state != GST_STATE_NULL)
    return;
  frames_ = 0;
  left_out_ = 0;
  not_finite_ = 0;
  not_finite_is_known_ = true;
}

void test_honest_frames_come_out_and_lying_ones_are_one_error(void) {
  Totals totals;
  for (gint64 seed = first_seed; totals.frames < frame_count; ++seed) {
    g_test_message("round of seed %" G_GINT64_FORMAT, seed);
    Round(static_cast<guint64>(seed), totals).run();
  }

  g_test_message("frames=%d lying=%d refused=%d split=%d packed=%d results=%d",
                 totals.frames, totals.lying, totals.refused, totals.split,
                 totals.packed, totals.results);
  g_assert_cmpint(totals.refused, >=, totals.lying);
  // One of each, unless that is chance.
  if (frame_count < 1000)
    return;
  g_assert_cmpint(totals.lying, >, 0);
  g_assert_cmpint(totals.split, >, 0);
  g_assert_cmpint(totals.packed, >, 0);
  g_assert_cmpint(totals.results, >, 0);
}

void test_every_format_of_the_template_is_tried(void) {
  g_autoptr(GstElementFactory) factory =
      gst_element_factory_find("torchclassify");
  const auto* pad = static_cast<GstStaticPadTemplate*>(
      gst_element_factory_get_static_pad_templates(factory)->data);
  g_autoptr(GstCaps) caps = gst_caps_from_string(pad->static_caps.string);

  const GValue* formats =
      gst_structure_get_value(gst_caps_get_structure(caps, 0), "format");

  g_assert_cmpint(static_cast<int>(gst_value_list_get_size(formats)), ==,
                  random_formats());
}

void parse_options(int* argc, char*** argv) {
  const GOptionEntry entries[] = {
      {"count", 0, 0, G_OPTION_ARG_INT, &frame_count, "Frames", "N"},
      {"seed", 0, 0, G_OPTION_ARG_INT64, &first_seed, "First round's", "S"},
      {"list", 0, 0, G_OPTION_ARG_NONE, &list, "Say what is tried", nullptr},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  g_autoptr(GOptionContext) context = g_option_context_new(nullptr);
  g_option_context_set_ignore_unknown_options(context, TRUE);
  g_option_context_add_main_entries(context, entries, nullptr);
  g_autoptr(GError) error = nullptr;
  if (!g_option_context_parse(context, argc, argv, &error)) {
    g_printerr("%s\n", error->message);
    std::exit(2);
  }
}

}  // namespace

int main(int argc, char** argv) {
  parse_options(&argc, &argv);
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/random-frames/every-format-of-the-template-is-tried",
                  test_every_format_of_the_template_is_tried);
  g_test_add_func(
      "/random-frames/honest-frames-come-out-and-lying-ones-are-one-error",
      test_honest_frames_come_out_and_lying_ones_are_one_error);
  return g_test_run();
}
