// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.h"

#include <glib.h>

namespace torchclassify::overlay {
namespace {

constexpr char kEllipsis[] = "\u2026";
constexpr char kFirstStrongIsolate[] = "\u2068";
constexpr char kPopIsolate[] = "\u2069";

bool changes_direction(gunichar c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool can_be_drawn(gunichar c) {
  switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
      return false;
    default:
      return !changes_direction(c);
  }
}

}  // namespace

std::string drawable(const std::string& label) {
  g_autofree char* valid = g_utf8_make_valid(label.data(), label.size());
  std::string text;
  int count = 0;
  for (const char* p = valid; *p; p = g_utf8_next_char(p)) {
    if (++count > kMostCharacters)
      return text + kEllipsis;
    if (can_be_drawn(g_utf8_get_char(p)))
      text.append(p, g_utf8_next_char(p) - p);
    else
      text += ' ';
  }
  return text;
}

std::string isolated(const std::string& text) {
  return kFirstStrongIsolate + text + kPopIsolate;
}

}  // namespace torchclassify::overlay
