// SPDX-License-Identifier: LGPL-2.1-or-later
// Models and labels replaced while frames flow; engine as in fake_engine.cpp.
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "camera.h"
#include "classify_harness.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kCorrupt[] = "bad";  // as a model, the fake engine refuses it

// The name of class 0 of the model that is in use.
std::string first_class(GstElement* element) {
  g_autoptr(GstStructure) info = nullptr;
  g_object_get(element, "model-info", &info, nullptr);
  const GValue* classes = gst_structure_get_value(info, "classes");
  return g_value_get_string(gst_value_list_get_value(classes, 0));
}

void wait_for(const char* what, const std::function<bool()>& there) {
  for (int i = 0; i < 30'000; ++i) {
    if (there())
      return;
    g_usleep(1000);
  }
  g_error("expected %s within 30 s, got none", what);
}

void wait_for_class(GstElement* element, const char* name) {
  wait_for(name, [&] { return first_class(element) == name; });
}

// Waits until there is one; exactly one waits on the bus, and it is this one.
void assert_one_warning(GstBus* bus, GQuark domain, int code) {
  g_autoptr(GstMessage) message =
      gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND, GST_MESSAGE_WARNING);
  g_assert_nonnull(message);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_warning(message, &error, nullptr);
  g_test_message("got: %s", error->message);
  g_assert_true(g_error_matches(error, domain, code));
  g_assert_null(gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING));
}

// What the next frame is called, whose class is 30.
std::string next_label(const Harness& harness) {
  gst_harness_push(harness.get(), frame(30, 0));
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  return gst_structure_get_string(result_of(buffer), "label");
}

// --- under load ---

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer keeps some of its own
#else
constexpr bool kMemoryIsOurs = true;
#endif

struct Models {
  const TemporaryFolder folder;
  // Of each model's classes, the first word is the file's name.
  const std::string good = folder / "class";
  const std::string other = folder / "other";
  const std::string corrupt = folder / "corrupt";

  Models() {
    write_file(good, "good");
    write_file(other, "other");
    write_file(corrupt, kCorrupt);
  }
  const std::string& turn(int number) const {
    const std::string* turns[] = {&corrupt, &other, &good};
    return *turns[number % 3];
  }
};

// Each model is in use, or refused, before the next is asked for.
void swap_all(std::vector<std::unique_ptr<Camera>>& cameras,
              const Models& models, int number) {
  const std::string& file = models.turn(number);
  for (auto& camera : cameras) camera->set_model(file);
  for (auto& camera : cameras)
    wait_for(file.c_str(), [&] {
      return camera->swaps() + camera->warnings() == number + 1;
    });
}

void test_a_thousand_swaps_lose_and_mislabel_no_frame(void) {
  constexpr int kSwaps = 1000;
  const Models models;
  std::vector<std::unique_ptr<Camera>> cameras;
  for (int i = 0; i < 2; ++i)
    cameras.push_back(std::make_unique<Camera>(models.good));
  long settled = 0;  // resident memory, kB

  for (int i = 0; i < kSwaps; ++i) {
    swap_all(cameras, models, i);
    if (i == 99)
      settled = resident_memory();
  }
  const long resident = resident_memory();
  for (auto& camera : cameras) camera->end();

  for (const auto& camera : cameras) {
    g_test_message("%d frames", camera->sent());
    g_assert_cmpint(camera->received(), ==, camera->sent());
    g_assert_cmpint(camera->mislabelled(), ==, 0);
    g_assert_cmpint(camera->warnings(), ==, (kSwaps + 2) / 3);
  }
  g_test_message("%ld kB after 100 swaps, %ld after %d", settled, resident,
                 kSwaps);
  if (kMemoryIsOurs)
    g_assert_cmpint(std::abs(resident - settled), <=, settled / 50);
}

// --- files that change ---

void rename_over(const fs::path& file, const char* model) {
  const fs::path partial = file.string() + ".partial";
  write_file(partial, model);
  fs::rename(partial, file);
}

void write_in_place(const fs::path& file, const char* model) {
  write_file(file, model);
}

void remove_and_recreate(const fs::path& file, const char* model) {
  fs::remove(file);
  g_usleep(20'000);
  write_file(file, model);
}

struct Change {
  const char* name;
  void (*write)(const fs::path& file, const char* model);
};
constexpr Change kChanges[] = {
    {"renamed-over", rename_over},
    {"written-in-place", write_in_place},
    {"removed-and-recreated", remove_and_recreate},
};

struct Watched {
  const TemporaryFolder folder;
  const fs::path file = folder / "model";
  Harness harness;
  const HarnessBus bus;
  const ElementPtr element;

  explicit Watched(const char* watch)
      : harness(play(file, watch)),
        bus(harness),
        element(element_of(harness)) {}

  static Harness play(const fs::path& file, const char* watch) {
    write_file(file, "first");
    g_autofree char* properties = g_strdup_printf(
        "model-file=%s watch-model-file=%s", file.c_str(), watch);
    return playing(properties);
  }
};

void test_a_watched_file_is_followed(gconstpointer data) {
  const auto& change = *static_cast<const Change*>(data);
  Watched watched("true");

  change.write(watched.file, "other");
  wait_for_class(watched.element.get(), "other 0");

  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "other 30");
  change.write(watched.file, "third");
  wait_for_class(watched.element.get(), "class 0");
  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "class 30");
  g_assert_null(gst_bus_pop_filtered(watched.bus.get(), GST_MESSAGE_WARNING));
}

void test_a_corrupt_file_changes_nothing_until_it_is_mended(
    gconstpointer data) {
  const auto& change = *static_cast<const Change*>(data);
  Watched watched("true");

  change.write(watched.file, kCorrupt);

  assert_one_warning(watched.bus.get(), GST_STREAM_ERROR,
                     GST_STREAM_ERROR_DECODE);
  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "class 30");
  change.write(watched.file, "other");
  wait_for_class(watched.element.get(), "other 0");
  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "other 30");
}

void test_a_file_that_is_not_watched_is_not_followed(void) {
  Watched watched("false");

  write_file(watched.file, "other");
  g_usleep(100'000);

  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "class 30");
  g_object_set(watched.element.get(), "watch-model-file", TRUE, nullptr);
  g_usleep(100'000);
  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "class 30");
  // It is watched a moment later.
  wait_for("other 0", [&] {
    rename_over(watched.file, "other");
    return first_class(watched.element.get()) == "other 0";
  });
  g_object_set(watched.element.get(), "watch-model-file", FALSE, nullptr);
  g_usleep(100'000);
  write_file(watched.file, "last");
  g_usleep(100'000);
  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "other 30");
}

void test_the_file_of_the_new_model_is_watched(void) {
  Watched watched("true");
  const fs::path second = watched.folder / "second";
  write_file(second, "other");
  g_object_set(watched.element.get(), "model-file", second.c_str(), nullptr);
  wait_for_class(watched.element.get(), "other 0");

  write_file(watched.file, kCorrupt);
  write_file(second, "third");

  wait_for_class(watched.element.get(), "class 0");
  g_assert_null(gst_bus_pop_filtered(watched.bus.get(), GST_MESSAGE_WARNING));
}

void test_a_folder_that_cannot_be_watched_is_one_warning(void) {
  Harness harness = playing("model-file=first watch-model-file=true");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "model-file", "/nowhere/other", nullptr);

  assert_one_warning(bus.get(), GST_RESOURCE_ERROR,
                     GST_RESOURCE_ERROR_OPEN_READ);
  wait_for_class(element.get(), "other 0");
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
}

void test_a_folder_that_goes_is_no_crash(void) {
  Watched watched("true");

  fs::remove_all(watched.folder.path());
  g_usleep(50'000);

  g_assert_cmpstr(next_label(watched.harness).c_str(), ==, "class 30");
}

// --- what cannot be used ---

struct BadModel {
  const char* name;
  const char* model;
  GQuark (*domain)(void);
  int code;
};
constexpr BadModel kBadModels[] = {
    {"an-absent-file", "absent", gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
    {"an-unreadable-file", "unreadable", gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_READ},
    {"bad-data", kCorrupt, gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
    {"an-unsupported-model", "unsupported", gst_stream_error_quark,
     GST_STREAM_ERROR_NOT_IMPLEMENTED},
    {"no-file", "", gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND},
};

void test_a_model_that_cannot_be_used_is_one_warning(gconstpointer data) {
  const auto& c = *static_cast<const BadModel*>(data);
  Harness harness = playing("model-file=first");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "model-file", c.model, nullptr);

  assert_one_warning(bus.get(), c.domain(), c.code);
  g_assert_cmpstr(next_label(harness).c_str(), ==, "class 30");
  g_object_set(element.get(), "model-file", "other", nullptr);
  wait_for_class(element.get(), "other 0");
  g_assert_cmpstr(next_label(harness).c_str(), ==, "other 30");
}

struct BadLabels {
  const char* name;
  const char* content;  // null: there is no file
  GQuark (*domain)(void);
  int code;
};
constexpr BadLabels kBadLabels[] = {
    {"absent", nullptr, gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND},
    {"too-few", "one\ntwo\n", gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
    {"empty", "", gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
};

void test_labels_that_do_not_fit_are_one_warning(gconstpointer data) {
  const auto& c = *static_cast<const BadLabels*>(data);
  const TemporaryFolder folder;
  const fs::path labels = folder / "labels";
  if (c.content)
    write_file(labels, c.content);
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);

  g_object_set(element_of(harness).get(), "labels-file", labels.c_str(),
               nullptr);

  assert_one_warning(bus.get(), c.domain(), c.code);
  g_assert_cmpstr(next_label(harness).c_str(), ==, "class 30");
}

// --- labels, and at other times ---

// "NAME 0" to "NAME 255" or 127.
std::string label_lines(const char* name, int count) {
  std::ostringstream lines;
  for (int i = 0; i < count; ++i) lines << name << ' ' << i << '\n';
  return lines.str();
}

void test_labels_are_replaced(void) {
  const TemporaryFolder folder;
  write_file(folder / "labels", label_lines("mine", 256));
  Harness harness = playing("model-file=m");
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "labels-file", (folder / "labels").c_str(),
               nullptr);
  wait_for_class(element.get(), "mine 0");

  g_assert_cmpstr(next_label(harness).c_str(), ==, "mine 30");
  g_object_set(element.get(), "labels-file", nullptr, nullptr);
  wait_for_class(element.get(), "class 0");
  g_assert_cmpstr(next_label(harness).c_str(), ==, "class 30");
}

// The model before with the labels to come would be refused, as would the
// opposite.
void test_model_and_labels_set_together_are_one_swap(void) {
  const TemporaryFolder folder;
  write_file(folder / "long", label_lines("long", 256));
  write_file(folder / "short", label_lines("short", 128));
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);
  next_label(harness);

  g_object_set(element.get(), "model-file", "other", "labels-file",
               (folder / "short").c_str(), nullptr);
  wait_for_class(element.get(), "short 0");
  g_assert_cmpstr(next_label(harness).c_str(), ==, "short 30");
  g_object_set(element.get(), "labels-file", (folder / "long").c_str(),
               "model-file", "m", nullptr);
  wait_for_class(element.get(), "long 0");

  g_assert_cmpstr(next_label(harness).c_str(), ==, "long 30");
  g_assert_cmpuint(counter(harness, "model-swaps"), ==, 2);
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
}

void test_a_model_set_in_null_is_opened_in_ready(void) {
  Lone lone("bad");
  g_object_set(lone.element, "model-file", "other", nullptr);

  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);

  g_assert_cmpstr(first_class(lone.element).c_str(), ==, "other 0");
  g_assert_null(gst_bus_pop_filtered(
      lone.bus,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING)));
}

void test_a_model_set_in_ready_is_swapped(void) {
  Lone lone("first");
  gst_element_set_state(lone.element, GST_STATE_READY);

  g_object_set(lone.element, "model-file", "other", nullptr);
  wait_for_class(lone.element, "other 0");

  g_object_set(lone.element, "model-file", kCorrupt, nullptr);
  assert_one_warning(lone.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  g_assert_cmpstr(first_class(lone.element).c_str(), ==, "other 0");
}

// It is opened again, and first, when the element is.
void test_closing_while_a_model_opens_is_quiet(void) {
  Lone lone("first");
  for (int i = 0; i < 3; ++i) {
    g_object_set(lone.element, "model-file", "first", nullptr);
    gst_element_set_state(lone.element, GST_STATE_READY);
    g_object_set(lone.element, "model-file", "heavy other", nullptr);
    g_usleep(i * 50'000);

    g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_NULL), ==,
                    GST_STATE_CHANGE_SUCCESS);
  }

  gst_element_set_state(lone.element, GST_STATE_READY);
  g_assert_cmpstr(first_class(lone.element).c_str(), ==, "other 0");
  g_assert_null(gst_bus_pop_filtered(lone.bus, GST_MESSAGE_WARNING));
}

// Its answers would come to an element that is no more. One takes a second.
void test_closing_waits_for_what_is_inferred(void) {
  Harness harness = playing("model-file=slow");
  gst_harness_push(harness.get(), frame(30, 0));
  const gint64 before = g_get_monotonic_time();

  harness.reset();

  g_assert_cmpint(g_get_monotonic_time() - before, >, 900'000);
}

void test_of_many_swaps_the_last_one_counts(void) {
  Harness harness = playing("model-file=first");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  for (int i = 1; i < 50; ++i) {
    g_autofree char* model = g_strdup_printf("m%d", i);
    g_object_set(element.get(), "model-file", i % 3 ? model : kCorrupt,
                 nullptr);
  }
  g_object_set(element.get(), "model-file", "other", nullptr);
  wait_for_class(element.get(), "other 0");

  for (int i = 0; i < 100; ++i)
    g_assert_cmpstr(next_label(harness).c_str(), ==, "other 30");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/swap/a-thousand-swaps-lose-and-mislabel-no-frame",
                  test_a_thousand_swaps_lose_and_mislabel_no_frame);
  add_rows("/swap/a-watched-file-is-followed", kChanges,
           test_a_watched_file_is_followed);
  add_rows("/swap/a-corrupt-file-changes-nothing-until-it-is-mended", kChanges,
           test_a_corrupt_file_changes_nothing_until_it_is_mended);
  g_test_add_func("/swap/a-file-that-is-not-watched-is-not-followed",
                  test_a_file_that_is_not_watched_is_not_followed);
  g_test_add_func("/swap/the-file-of-the-new-model-is-watched",
                  test_the_file_of_the_new_model_is_watched);
  g_test_add_func("/swap/a-folder-that-cannot-be-watched-is-one-warning",
                  test_a_folder_that_cannot_be_watched_is_one_warning);
  g_test_add_func("/swap/a-folder-that-goes-is-no-crash",
                  test_a_folder_that_goes_is_no_crash);
  add_rows("/swap/a-model-that-cannot-be-used-is-one-warning", kBadModels,
           test_a_model_that_cannot_be_used_is_one_warning);
  add_rows("/swap/labels-that-do-not-fit-are-one-warning", kBadLabels,
           test_labels_that_do_not_fit_are_one_warning);
  g_test_add_func("/swap/labels-are-replaced", test_labels_are_replaced);
  g_test_add_func("/swap/model-and-labels-set-together-are-one-swap",
                  test_model_and_labels_set_together_are_one_swap);
  g_test_add_func("/swap/a-model-set-in-null-is-opened-in-ready",
                  test_a_model_set_in_null_is_opened_in_ready);
  g_test_add_func("/swap/a-model-set-in-ready-is-swapped",
                  test_a_model_set_in_ready_is_swapped);
  g_test_add_func("/swap/closing-while-a-model-opens-is-quiet",
                  test_closing_while_a_model_opens_is_quiet);
  g_test_add_func("/swap/closing-waits-for-what-is-inferred",
                  test_closing_waits_for_what_is_inferred);
  g_test_add_func("/swap/of-many-swaps-the-last-one-counts",
                  test_of_many_swaps_the_last_one_counts);
  return g_test_run();
}
