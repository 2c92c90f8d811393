// SPDX-License-Identifier: LGPL-2.1-or-later
// How the element opens the real engine, and fails to.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>

#include "bundles.h"
#include "classify_harness.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kLibrary[] = "TORCHCLASSIFY_LIBRARY";

// The variable as it was, at its end.
class Library {
 public:
  explicit Library(const char* path) : before_(g_getenv(kLibrary)) {
    if (path)
      g_setenv(kLibrary, path, TRUE);
    else
      g_unsetenv(kLibrary);
  }
  ~Library() { g_setenv(kLibrary, before_.c_str(), TRUE); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

 private:
  const std::string before_;
};

void assert_fails_once(const Lone& lone, GQuark domain, int code) {
  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint(GST_STATE(lone.element), ==, GST_STATE_NULL);
  assert_one_error(lone.bus, domain, code);
}

void assert_opens(const Lone& lone) {
  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);
  g_assert_null(gst_bus_pop_filtered(lone.bus, GST_MESSAGE_ERROR));
}

void test_a_missing_library_can_be_put_right(void) {
  const Lone lone(shades_bundle().c_str());
  {
    const Library library("/nowhere/libtorchclassify.so.0");
    assert_fails_once(lone, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  }
  assert_opens(lone);
}

void test_a_file_that_is_no_library_is_refused(void) {
  const Lone lone(shades_bundle().c_str());
  {
    const Library library(shades_bundle().c_str());
    assert_fails_once(lone, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
  }
  assert_opens(lone);
}

void test_the_library_is_found_without_being_named(void) {
  const Library library(nullptr);
  const Lone lone(shades_bundle().c_str());

  assert_opens(lone);
}

struct BadModel {
  const char* name;
  double share;       // of a good bundle's bytes
  const char* start;  // that replaces its first bytes
  bool present;
};
constexpr BadModel kBadModels[] = {
    {"absent", 0, "", false},
    {"empty", 0, "", true},
    {"text", 0, "this is no model", true},
    {"cut-in-its-header", 0.005, "", true},
    {"cut-in-its-weights", 0.9, "", true},
    {"with-a-huge-header", 1, "\xff\xff\xff\xff\xff\xff\xff\x7f", true},
};

void test_a_bad_model_can_be_put_right(gconstpointer data) {
  const auto& c = *static_cast<const BadModel*>(data);
  const TemporaryFolder folder;
  const fs::path path = folder / "model.safetensors";
  std::string bytes = support::read_file(shades_bundle());
  bytes.resize(static_cast<std::size_t>(c.share * bytes.size()));
  bytes.replace(0, std::min(bytes.size(), std::strlen(c.start)), c.start);
  if (c.present)
    write_file(path, bytes);
  const Lone lone(path.c_str());

  assert_fails_once(lone, c.present ? GST_STREAM_ERROR : GST_RESOURCE_ERROR,
                    c.present ? static_cast<int>(GST_STREAM_ERROR_DECODE)
                              : static_cast<int>(GST_RESOURCE_ERROR_NOT_FOUND));

  g_object_set(lone.element, "model-file", shades_bundle().c_str(), nullptr);
  assert_opens(lone);
}

void test_labels_must_be_as_many_as_classes(void) {
  const TemporaryFolder folder;
  const fs::path labels = folder / "labels.txt";
  write_file(labels, "one\ntwo\nthree\n");
  const Lone lone(shades_bundle().c_str());
  g_object_set(lone.element, "labels-file", labels.c_str(), nullptr);

  assert_fails_once(lone, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);

  write_file(labels, "one\ntwo\n");
  assert_opens(lone);
}

void test_labels_replace_the_bundles_own(void) {
  const TemporaryFolder folder;
  const fs::path labels = folder / "labels.txt";
  write_file(labels, "finster\nhell\n");
  Harness harness = make_harness(("model-file=" + shades_bundle().string() +
                                  " labels-file=" + labels.string())
                                     .c_str());
  gst_harness_set_src_caps_str(harness.get(), kCaps);

  gst_harness_push(harness.get(), frame(255, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpstr(gst_structure_get_string(result_of(buffer), "label"), ==,
                  "hell");
}

void test_statistics_are_since_ready(void) {
  Harness harness =
      make_harness(("model-file=" + shades_bundle().string()).c_str());
  gst_harness_set_src_caps_str(harness.get(), kCaps);
  gst_harness_push(harness.get(), frame(255, 0));
  gst_buffer_unref(gst_harness_pull(harness.get()));
  g_assert_cmpuint(counter(harness, "frames"), ==, 1);
  const ElementPtr element = element_of(harness);

  gst_element_set_state(element.get(), GST_STATE_NULL);
  gst_element_set_state(element.get(), GST_STATE_READY);

  g_assert_cmpuint(counter(harness, "frames"), ==, 0);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/opening/a-missing-library-can-be-put-right",
                  test_a_missing_library_can_be_put_right);
  g_test_add_func("/opening/a-file-that-is-no-library-is-refused",
                  test_a_file_that_is_no_library_is_refused);
  g_test_add_func("/opening/the-library-is-found-without-being-named",
                  test_the_library_is_found_without_being_named);
  support::add_rows("/opening/a-bad-model-can-be-put-right", kBadModels,
                    test_a_bad_model_can_be_put_right);
  g_test_add_func("/opening/labels-must-be-as-many-as-classes",
                  test_labels_must_be_as_many_as_classes);
  g_test_add_func("/opening/labels-replace-the-bundles-own",
                  test_labels_replace_the_bundles_own);
  g_test_add_func("/opening/statistics-are-since-ready",
                  test_statistics_are_since_ready);
  return g_test_run();
}
