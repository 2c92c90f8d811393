// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugin_checks.h"

#include <glib.h>

#include "subprocess.h"
#include "support/assert_text.h"
#include "support/test_files.h"

namespace support {

namespace fs = std::filesystem;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void assert_inspected_on_its_own(const fs::path& plugin, const char* element,
                                 const char* property) {
  if (!program_or_skip("gst-inspect-1.0"))
    return;
  const TemporaryFolder folder;
  const fs::path copy = folder / plugin.filename().string();
  fs::copy_file(plugin, copy);

  const Ended ended = run({"gst-inspect-1.0", element},
                          {"GST_PLUGIN_PATH=" + folder.path().string(),
                           "GST_REGISTRY=" + (folder / "registry.bin").string(),
                           "TORCHCLASSIFY_LIBRARY", "LD_LIBRARY_PATH"});

  g_assert_cmpstr(ended.err.c_str(), ==, "");
  g_assert_cmpint(ended.status, ==, 0);
  g_assert_true(contains(ended.out, property));
  g_assert_true(contains(ended.out, copy.c_str()));
}

void assert_nothing_is_left(const Pipeline& pipeline) {
  if (!program_or_skip("gst-launch-1.0"))
    return;
  std::vector<std::string> words = {"gst-launch-1.0", "-q"};
  g_auto(GStrv) parts = g_strsplit(pipeline.line, " ", -1);
  for (char** part = parts; *part; ++part) words.push_back(*part);

  const Ended ended = run(words, {"GST_TRACERS=leaks", "GST_DEBUG=GST_TRACER:7",
                                  "GST_DEBUG_NO_COLOR=1", "G_DEBUG"});

  g_assert_cmpint(ended.status == 0, ==, pipeline.ends);
  // The tracer's own description tells that it was at work.
  g_assert_true(contains(ended.err, "object-alive.class"));
  assert_text(alive_objects(ended.err), "");
}

void assert_properties_on_record(const std::string& folder,
                                 const std::string& element) {
  const fs::path golden = fs::path(TORCHCLASSIFY_SOURCE_ROOT) / "tests/gst" /
                          folder / (element + ".inspect");
  const std::string expected = read_file(golden);

  const Ended ended = run({g_getenv("LIST_PROPERTIES"), element});

  g_assert_cmpint(ended.status, ==, 0);
  if (ended.out != expected)
    g_test_message("write what list-properties prints to %s",
                   golden.filename().c_str());
  g_assert_cmpstr(ended.out.c_str(), ==, expected.c_str());
}

}  // namespace support
