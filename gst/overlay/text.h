// SPDX-License-Identifier: LGPL-2.1-or-later
// Any label as one line of text that can be drawn.
#pragma once

#include <string>

namespace torchclassify::overlay {

inline constexpr int kMostCharacters = 200;

// Valid UTF-8 without control characters, line ends and explicit changes of
// direction (each becomes a space), cut with an ellipsis at kMostCharacters.
// Markup characters stay: nothing here is ever read as markup.
std::string drawable(const std::string& label);

// The text in brackets that no direction of its letters leaves: to be set
// beside other text.
std::string isolated(const std::string& text);

}  // namespace torchclassify::overlay
