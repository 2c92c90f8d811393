// SPDX-License-Identifier: LGPL-2.1-or-later
// Pieces of HTML and SVG as text.
#pragma once

#include <string>
#include <string_view>

namespace torchclassify {

// A text as content or as a quoted attribute. Bytes that are not UTF-8 and
// control characters become U+FFFD: names of files may hold any.
std::string escape(const std::string& text);

// <OPENING>CONTENT</NAME>, NAME being the opening's first word: opening is
// "td" or "td class=hit". Both are HTML already.
std::string tag(std::string_view opening, std::string_view content);

// A cell of a table: its content is a text or a number.
std::string cell(const std::string& text);
// The cell that names its row.
std::string row_head(const std::string& text);
// A cell with a share of 1 and a bar behind it as long; classes: of its style.
std::string bar_cell(double share, int decimals = 2,
                     const std::string& classes = "bar");
// The cells that name columns.
template <typename... Names>
std::string head_row(const Names&... names) {
  return tag("thead", tag("tr", (tag("th scope=col", escape(names)) + ...)));
}

// A box that its content scrolls in, also by keyboard; name says what it is.
std::string scrolling(const std::string& name, std::string_view content);

}  // namespace torchclassify
