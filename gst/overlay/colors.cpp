// SPDX-License-Identifier: LGPL-2.1-or-later
#include "colors.h"

#include <cmath>
#include <iterator>

namespace torchclassify::overlay {
namespace {

constexpr Color kPalette[] = {
    0xffe6194b, 0xff3cb44b, 0xffffe119, 0xff4363d8, 0xfff58231,
    0xffa83fd0, 0xff42d4f4, 0xfff032e6, 0xffbfef45, 0xff469990,
    0xffb5762c, 0xffc00020, 0xff9b9b00, 0xff0072ce, 0xff00c2a8,
    0xffff6f61, 0xff7fb800, 0xffff5ca8, 0xff8e9bff, 0xffffb000,
};
constexpr Color kBlack = 0xff000000;
constexpr Color kWhite = 0xffffffff;

// FNV-1a: std::hash may differ from library to library.
std::uint32_t hash(std::string_view text) {
  std::uint32_t value = 2166136261u;
  for (const char c : text)
    value = (value ^ static_cast<unsigned char>(c)) * 16777619u;
  return value ^ (value >> 15);
}

// sRGB to linear light, 0 to 1.
double linear(Color component) {
  const double value = (component & 0xff) / 255.0;
  return value <= 0.04045 ? value / 12.92
                          : std::pow((value + 0.055) / 1.055, 2.4);
}

// As WCAG defines it, 0 to 1.
double luminance(Color color) {
  return 0.2126 * linear(color >> 16) + 0.7152 * linear(color >> 8) +
         0.0722 * linear(color);
}

}  // namespace

Color color_of(std::string_view name) {
  return kPalette[hash(name) % std::size(kPalette)];
}

Color readable_on(Color background) {
  const double light = luminance(background);
  const double against_black = (light + 0.05) / 0.05;
  const double against_white = 1.05 / (light + 0.05);
  return against_black >= against_white ? kBlack : kWhite;
}

}  // namespace torchclassify::overlay
