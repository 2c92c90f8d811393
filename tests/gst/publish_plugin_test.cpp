// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin torchpublish as a file: what it shows and what it needs.
#include <glib.h>

#include <string>

#include "subprocess.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

void test_its_properties_are_those_on_record(void) {
  const std::string expected = read_file(fs::path(TORCHCLASSIFY_SOURCE_ROOT) /
                                         "tests/gst/torchpublish.inspect");

  const Ended ended = run({g_getenv("LIST_PROPERTIES"), "torchpublish"});

  g_assert_cmpint(ended.status, ==, 0);
  g_assert_cmpstr(ended.out.c_str(), ==, expected.c_str());
}

void test_it_is_inspected_on_its_own(void) {
  if (!program_or_skip("gst-inspect-1.0"))
    return;
  const char* name = "libgsttorchpublish.so";
  const TemporaryFolder folder;
  fs::copy_file(fs::path(g_getenv("PUBLISH_PLUGIN")), folder / name);

  const Ended ended = run({"gst-inspect-1.0", "torchpublish"},
                          {"GST_PLUGIN_PATH=" + folder.path().string(),
                           "GST_REGISTRY=" + (folder / "registry.bin").string(),
                           "LD_LIBRARY_PATH"});

  g_assert_cmpstr(ended.err.c_str(), ==, "");
  g_assert_cmpint(ended.status, ==, 0);
  g_assert_true(ended.out.find(folder / name) != std::string::npos);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/publish/plugin/its-properties-are-those-on-record",
                  test_its_properties_are_those_on_record);
  g_test_add_func("/publish/plugin/it-is-inspected-on-its-own",
                  test_it_is_inspected_on_its_own);
  return g_test_run();
}
