// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin as a file: what it needs, shows and leaves behind.
#include <glib.h>

#include "plugin_checks.h"
#include "subprocess.h"
#include "support/rows.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

fs::path plugin() {
  return fs::path(g_getenv("GST_PLUGIN_PATH")) / "libgsttorchclassify.so";
}

void test_it_is_inspected_on_its_own(void) {
  assert_inspected_on_its_own(plugin(), "torchclassify", "model-file");
}

void test_it_links_no_libtorch(void) {
  if (!program_or_skip("readelf"))
    return;

  const Ended ended = run({"readelf", "-d", plugin()}, {"LC_ALL=C"});

  g_assert_cmpint(ended.status, ==, 0);
  g_assert_true(contains(ended.out, "libgstvideo-1.0.so"));
  for (const char* name : {"torch.", "torch_", "c10", "libtorchclassify"})
    g_assert_false(contains(ended.out, name));
}

constexpr Pipeline kPipelines[] = {
    {"that-ends",
     "videotestsrc num-buffers=20 ! torchclassify model-file=m "
     "full-frame-object=true post-messages=all ! fakesink",
     true},
    {"whose-sink-has-enough",
     "videotestsrc ! torchclassify model-file=random ! identity eos-after=9 ! "
     "fakesink",
     true},
    {"that-latest-frames-pass",
     "videotestsrc num-buffers=20 ! torchclassify model-file=slow mode=latest "
     "! fakesink",
     true},
    {"whose-model-is-bad",
     "videotestsrc num-buffers=20 ! torchclassify model-file=bad ! fakesink",
     false},
    {"whose-engine-fails",
     "videotestsrc num-buffers=20 pattern=solid-color "
     "foreground-color=0xff0d0d0d ! video/x-raw,format=RGB ! torchclassify "
     "model-file=m ! fakesink",
     false},
};

void test_nothing_is_left_of_a_pipeline(gconstpointer data) {
  assert_nothing_is_left(*static_cast<const Pipeline*>(data));
}

void test_its_properties_are_those_on_record(void) {
  assert_properties_on_record("classify", "torchclassify");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/plugin/it-is-inspected-on-its-own",
                  test_it_is_inspected_on_its_own);
  g_test_add_func("/plugin/it-links-no-libtorch", test_it_links_no_libtorch);
  support::add_rows("/plugin/nothing-is-left-of-a-pipeline", kPipelines,
                    test_nothing_is_left_of_a_pipeline);
  g_test_add_func("/plugin/its-properties-are-those-on-record",
                  test_its_properties_are_those_on_record);
  return g_test_run();
}
