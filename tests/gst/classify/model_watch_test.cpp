// SPDX-License-Identifier: LGPL-2.1-or-later
// Model files that change while frames flow; engine as in fake_engine.cpp.
#include <string>

#include "classify_harness.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kCorrupt[] = "bad";  // as a model, the fake engine refuses it

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
  wait_for_first_class(watched.element.get(), "other 0");

  assert_next_label(watched.harness, "other 30");
  change.write(watched.file, "third");
  wait_for_first_class(watched.element.get(), "class 0");
  assert_next_label(watched.harness, "class 30");
  g_assert_null(gst_bus_pop_filtered(watched.bus.get(), GST_MESSAGE_WARNING));
}

void test_a_corrupt_file_changes_nothing_until_it_is_mended(
    gconstpointer data) {
  const auto& change = *static_cast<const Change*>(data);
  Watched watched("true");

  change.write(watched.file, kCorrupt);

  assert_one_warning(watched.bus.get(), GST_STREAM_ERROR,
                     GST_STREAM_ERROR_DECODE);
  assert_next_label(watched.harness, "class 30");
  change.write(watched.file, "other");
  wait_for_first_class(watched.element.get(), "other 0");
  assert_next_label(watched.harness, "other 30");
}

void test_a_file_that_is_not_watched_is_not_followed(void) {
  Watched watched("false");

  write_file(watched.file, "other");
  g_usleep(100'000);

  assert_next_label(watched.harness, "class 30");
  g_object_set(watched.element.get(), "watch-model-file", TRUE, nullptr);
  g_usleep(100'000);
  assert_next_label(watched.harness, "class 30");
  // It is watched a moment later.
  wait_for("other 0", [&] {
    rename_over(watched.file, "other");
    return first_class(watched.element.get()) == "other 0";
  });
  g_object_set(watched.element.get(), "watch-model-file", FALSE, nullptr);
  g_usleep(100'000);
  write_file(watched.file, "last");
  g_usleep(100'000);
  assert_next_label(watched.harness, "other 30");
}

void test_the_file_of_the_new_model_is_watched(void) {
  Watched watched("true");
  const fs::path second = watched.folder / "second";
  write_file(second, "other");
  g_object_set(watched.element.get(), "model-file", second.c_str(), nullptr);
  wait_for_first_class(watched.element.get(), "other 0");

  write_file(watched.file, kCorrupt);
  write_file(second, "third");

  wait_for_first_class(watched.element.get(), "class 0");
  g_assert_null(gst_bus_pop_filtered(watched.bus.get(), GST_MESSAGE_WARNING));
}

void test_a_folder_that_cannot_be_watched_is_one_warning(void) {
  Harness harness = playing("model-file=first watch-model-file=true");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "model-file", "/nowhere/other", nullptr);

  assert_one_warning(bus.get(), GST_RESOURCE_ERROR,
                     GST_RESOURCE_ERROR_OPEN_READ);
  wait_for_first_class(element.get(), "other 0");
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
}

void test_a_folder_that_goes_is_no_crash(void) {
  Watched watched("true");

  fs::remove_all(watched.folder.path());
  g_usleep(50'000);

  assert_next_label(watched.harness, "class 30");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_rows("/model-watch/a-watched-file-is-followed", kChanges,
           test_a_watched_file_is_followed);
  add_rows("/model-watch/a-corrupt-file-changes-nothing-until-it-is-mended",
           kChanges, test_a_corrupt_file_changes_nothing_until_it_is_mended);
  g_test_add_func("/model-watch/a-file-that-is-not-watched-is-not-followed",
                  test_a_file_that_is_not_watched_is_not_followed);
  g_test_add_func("/model-watch/the-file-of-the-new-model-is-watched",
                  test_the_file_of_the_new_model_is_watched);
  g_test_add_func("/model-watch/a-folder-that-cannot-be-watched-is-one-warning",
                  test_a_folder_that_cannot_be_watched_is_one_warning);
  g_test_add_func("/model-watch/a-folder-that-goes-is-no-crash",
                  test_a_folder_that_goes_is_no_crash);
  return g_test_run();
}
