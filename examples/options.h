// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line of the examples.
#pragma once

#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>

namespace example {

// Fills what the entries name; GStreamer's own options are taken, too. Exits
// with the usage where enough() says that something is missing.
template <typename Enough>
void parse_options(int argc, char** argv, const GOptionEntry* entries,
                   Enough enough) {
  g_autoptr(GOptionContext) context = g_option_context_new(nullptr);
  g_option_context_add_main_entries(context, entries, nullptr);
  g_option_context_add_group(context, gst_init_get_option_group());
  g_autoptr(GError) error = nullptr;
  const bool parsed = g_option_context_parse(context, &argc, &argv, &error);
  if (parsed && enough())
    return;
  g_autofree char* help = g_option_context_get_help(context, TRUE, nullptr);
  std::fprintf(stderr, "%s", error ? error->message : help);
  std::exit(2);
}

}  // namespace example
