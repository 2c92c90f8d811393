// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers for people, with a decimal point in every locale. What is not finite
// is a dash.
#pragma once

#include <cstdint>
#include <string>

namespace torchclassify {

std::string fixed(double value, int decimals);
// At most this many digits, without trailing zeros: "0.05", "1e-06".
std::string significant(double value, int digits);
// "98.77 %" of 0.98765, with a space that does not break.
std::string percent(double share, int decimals = 2);
// "12 345", with spaces that do not break.
std::string grouped(std::int64_t count);

}  // namespace torchclassify
