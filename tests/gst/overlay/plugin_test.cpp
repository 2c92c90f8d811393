// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin torchoverlay as a file, and pipelines of GStreamer's own program.
#include <glib.h>

#include "plugin_checks.h"
#include "support/rows.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

void test_it_is_inspected_on_its_own(void) {
  assert_inspected_on_its_own(
      fs::path(g_getenv("GST_PLUGIN_PATH")) / "overlay/libgsttorchoverlay.so",
      "torchoverlay", "font-desc");
}

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
  assert_nothing_is_left(*static_cast<const Pipeline*>(data));
}

void test_its_properties_are_those_on_record(void) {
  assert_properties_on_record("overlay", "torchoverlay");
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
