// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin torchoverlay as a file, and pipelines of GStreamer's own program.
#include <glib.h>

#include "subprocess.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kPlugin[] = "libgsttorchoverlay.so";

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void test_it_is_inspected_on_its_own(void) {
  if (!program_or_skip("gst-inspect-1.0"))
    return;
  const TemporaryFolder folder;
  fs::copy_file(fs::path(g_getenv("GST_PLUGIN_PATH")) / "overlay" / kPlugin,
                folder / kPlugin);

  const Ended ended = run({"gst-inspect-1.0", "torchoverlay"},
                          {"GST_PLUGIN_PATH=" + folder.path().string(),
                           "GST_REGISTRY=" + (folder / "registry.bin").string(),
                           "LD_LIBRARY_PATH"});

  g_assert_cmpstr(ended.err.c_str(), ==, "");
  g_assert_cmpint(ended.status, ==, 0);
  g_assert_true(contains(ended.out, "font-desc"));
  g_assert_true(contains(ended.out, (folder / kPlugin).c_str()));
}

struct Pipeline {
  const char* name;
  const char* line;
  bool ends;  // else it fails
};
constexpr Pipeline kPipelines[] = {
    {"that-blends",
     "videotestsrc num-buffers=9 ! torchclassify model-file=m top-k=5 "
     "full-frame-object=true ! torchoverlay ! videoconvert ! fakesink",
     true},
    {"that-attaches",
     "videotestsrc num-buffers=9 ! torchclassify model-file=m ! torchoverlay "
     "! fakevideosink sync=false",
     true},
    {"of-two-overlays",
     "videotestsrc num-buffers=9 ! torchclassify model-file=m ! textoverlay "
     "text=x ! torchoverlay ! torchoverlay position=top-right ! "
     "fakevideosink sync=false",
     true},
    {"of-memory-that-nobody-can-draw-on",
     "videotestsrc num-buffers=9 ! torchoverlay ! "
     "video/x-raw(memory:GLMemory) ! fakesink",
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
      fs::path(TORCHCLASSIFY_SOURCE_ROOT) / "tests/gst/torchoverlay.inspect";
  const std::string expected = read_file(golden);

  const Ended ended = run({g_getenv("LIST_PROPERTIES"), "torchoverlay"});

  g_assert_cmpint(ended.status, ==, 0);
  if (ended.out != expected)
    g_test_message("write what list-properties prints to %s",
                   golden.filename().c_str());
  g_assert_cmpstr(ended.out.c_str(), ==, expected.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/overlay-plugin/it-is-inspected-on-its-own",
                  test_it_is_inspected_on_its_own);
  add_rows("/overlay-plugin/nothing-is-left-of-a-pipeline", kPipelines,
           test_nothing_is_left_of_a_pipeline);
  g_test_add_func("/overlay-plugin/its-properties-are-those-on-record",
                  test_its_properties_are_those_on_record);
  return g_test_run();
}
