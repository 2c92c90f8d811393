// SPDX-License-Identifier: LGPL-2.1-or-later
// The plugin torchpublish as a file: what it shows and what it needs.
#include <glib.h>

#include "plugin_checks.h"

namespace {

using namespace support;
void test_its_properties_are_those_on_record(void) {
  assert_properties_on_record("publish", "torchpublish");
}

void test_it_is_inspected_on_its_own(void) {
  assert_inspected_on_its_own(g_getenv("PUBLISH_PLUGIN"), "torchpublish",
                              "file-path");
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
