// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/number_text.h"

#include <charconv>
#include <cmath>

namespace torchclassify {
namespace {

constexpr char kDash[] = "\u2013";
constexpr char kSpace[] = "\u00a0";

std::string converted(double value, std::chars_format form, int digits) {
  if (!std::isfinite(value))
    return kDash;
  char text[400];  // the largest double has 309 digits before the point
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, value, form, digits);
  return error == std::errc() ? std::string(text, end) : kDash;
}

}  // namespace

std::string fixed(double value, int decimals) {
  const std::string text = converted(value, std::chars_format::fixed, decimals);
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  return zero && text.starts_with('-') ? text.substr(1) : text;
}

std::string significant(double value, int digits) {
  return converted(value, std::chars_format::general, digits);
}

std::string percent(double share, int decimals) {
  return std::isfinite(share) ? fixed(100 * share, decimals) + kSpace + "%"
                              : kDash;
}

std::string grouped(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t end = text.size(); end > first + 3;) {
    end -= 3;
    text.insert(end, kSpace);
  }
  return text;
}

}  // namespace torchclassify
