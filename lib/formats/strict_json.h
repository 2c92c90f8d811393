// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON from strangers: no key twice, no bottomless nesting.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace torchclassify {

// Throws std::runtime_error, saying what is wrong and where, for text that is
// not JSON in UTF-8, repeats a key in an object, or nests deeper than 16.
nlohmann::json parse_strict_json(std::string_view text);

bool is_utf8(const std::string& text);

// A stranger's text for a message: in quotes, on one line, in UTF-8, and no
// longer than a line should be.
std::string quoted_text(std::string_view text);

}  // namespace torchclassify
