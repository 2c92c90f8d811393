// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin as a file: what it needs, shows and leaves behind.
#include <glib.h>

#include <cstring>
#include <string>

#include "subprocess.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kPlugin[] = "libgsttorchclassify.so";

fs::path plugin() { return fs::path(g_getenv("GST_PLUGIN_PATH")) / kPlugin; }

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void test_it_is_inspected_on_its_own(void) {
  if (!program_or_skip("gst-inspect-1.0"))
    return;
  const TemporaryFolder folder;
  fs::copy_file(plugin(), folder / kPlugin);

  const Ended ended = run({"gst-inspect-1.0", "torchclassify"},
                          {"GST_PLUGIN_PATH=" + folder.path().string(),
                           "GST_REGISTRY=" + (folder / "registry.bin").string(),
                           "TORCHCLASSIFY_LIBRARY", "LD_LIBRARY_PATH"});

  g_assert_cmpstr(ended.err.c_str(), ==, "");
  g_assert_cmpint(ended.status, ==, 0);
  g_assert_true(contains(ended.out, "model-file"));
  g_assert_true(contains(ended.out, (folder / kPlugin).c_str()));
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

struct Pipeline {
  const char* name;
  const char* line;
  bool ends;  // else it fails
};
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
  const auto& c = *static_cast<const Pipeline*>(data);
  if (!program_or_skip("gst-launch-1.0"))
    return;
  std::vector<std::string> words = {"gst-launch-1.0", "-q"};
  g_auto(GStrv) parts = g_strsplit(c.line, " ", -1);
  for (char** part = parts; *part; ++part) words.push_back(*part);

  const Ended ended = run(words, {"GST_TRACERS=leaks", "GST_DEBUG=GST_TRACER:7",
                                  "GST_DEBUG_NO_COLOR=1", "G_DEBUG"});

  g_assert_cmpint(ended.status == 0, ==, c.ends);
  // The tracer's own description tells that it was at work.
  g_assert_true(contains(ended.err, "object-alive.class"));
  g_assert_cmpstr(alive_objects(ended.err).c_str(), ==, "");
}

void test_its_properties_are_those_on_record(void) {
  const fs::path golden =
      fs::path(TORCHCLASSIFY_SOURCE_ROOT) / "tests/gst/torchclassify.inspect";
  const std::string expected = support::read_file(golden);

  const Ended ended = run({g_getenv("LIST_PROPERTIES"), "torchclassify"});

  g_assert_cmpint(ended.status, ==, 0);
  if (ended.out != expected)
    g_test_message("write what list-properties prints to %s",
                   golden.filename().c_str());
  g_assert_cmpstr(ended.out.c_str(), ==, expected.c_str());
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
