// SPDX-License-Identifier: LGPL-2.1-or-later
#include "static_regions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "torchclassify/error.h"
#include "utf8.h"

namespace torchclassify {
namespace {

constexpr char kSpaces[] = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Up to the separator, which is taken away with it.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

[[noreturn]] void refuse(const char* expected, std::string_view entry) {
  throw Error(ErrorCode::kInvalidArgument,
              std::string("expected static-regions of the form "
                          "name=x,y,width,height;... with ") +
                  expected + ", got \"" + std::string(entry) + "\"");
}

double number(std::string_view text, std::string_view entry) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || value < 0)
    refuse("four numbers of 0 or more", entry);
  return value;
}

StaticRegion parse_entry(std::string_view entry) {
  std::string_view rest = entry;
  if (entry.find('=') == std::string_view::npos)
    refuse("a name before =", entry);
  const std::string name(take_until(rest, '='));
  StaticRegion region{.name = valid_utf8(name.c_str())};
  if (region.name.empty())
    refuse("a name before =", entry);
  if (region.name == kFullFrame || region.name == kObject)
    refuse("a name other than full-frame and object", entry);
  if (std::count(rest.begin(), rest.end(), ',') != 3)
    refuse("four numbers of 0 or more", entry);
  region.x = number(take_until(rest, ','), entry);
  region.y = number(take_until(rest, ','), entry);
  region.width = number(take_until(rest, ','), entry);
  region.height = number(take_until(rest, ','), entry);
  if (region.width == 0 || region.height == 0)
    refuse("a width and a height above 0", entry);
  return region;
}

}  // namespace

bool StaticRegion::relative() const {
  return std::max({x, y, width, height}) <= 1;
}

std::optional<Box> StaticRegion::box(int frame_width, int frame_height) const {
  const double across = relative() ? frame_width : 1;
  const double down = relative() ? frame_height : 1;
  return clip_to_frame(x * across, y * down, width * across, height * down,
                       frame_width, frame_height);
}

std::vector<StaticRegion> parse_static_regions(const std::string& text) {
  std::vector<StaticRegion> regions;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view entry = take_until(rest, ';');
    if (entry.empty())
      continue;
    StaticRegion region = parse_entry(entry);
    for (const StaticRegion& other : regions) {
      if (other.name == region.name)
        refuse("a name for each", entry);
    }
    if (regions.size() == kMostRegions)
      refuse("at most 64 regions", entry);
    regions.push_back(std::move(region));
  }
  return regions;
}

}  // namespace torchclassify
