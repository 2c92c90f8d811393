// SPDX-License-Identifier: LGPL-2.1-or-later
// Tables of tests: one GLib path per row, so that a failure names its row.
#pragma once

#include <glib.h>

namespace support {

// Adds PREFIX/NAME for each row, NAME being the row's member name. The rows
// must live until the tests have run.
template <typename Rows>
void add_rows(const char* prefix, const Rows& rows, GTestDataFunc test) {
  for (const auto& row : rows) {
    g_autofree char* path = g_strdup_printf("%s/%s", prefix, row.name);
    g_test_add_data_func(path, &row, test);
  }
}

}  // namespace support
