// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data_summary/file_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace torchclassify {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool begins_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin() + at,
                    [](char a, std::uint8_t b) {
                      return static_cast<std::uint8_t>(a) == b;
                    });
}

std::string jpeg_mode(Bytes bytes) {
  std::size_t at = 2;
  while (at + 10 <= bytes.size() && bytes[at] == 0xff) {
    const std::uint8_t marker = bytes[at + 1];
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
                       marker != 0xc8 && marker != 0xcc;
    if (frame) {
      const std::uint8_t components = bytes[at + 9];
      return components == 1 ? "grey" : components == 4 ? "CMYK" : "RGB";
    }
    at += marker == 0xff ? 1 : 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
  }
  return {};
}

std::string png_mode(Bytes bytes) {
  constexpr std::array kColours = {"grey",       "", "RGB",      "palette",
                                   "grey alpha", "", "RGB alpha"};
  constexpr std::size_t kDepthAt = 24, kColourAt = 25;
  if (bytes.size() <= kColourAt || bytes[kColourAt] >= kColours.size())
    return {};
  std::string mode = kColours[bytes[kColourAt]];
  if (bytes[kDepthAt] == 16)
    mode += " 16-bit";
  return mode;
}

std::string pnm_mode(Bytes bytes) {
  switch (bytes[1]) {
    case '1':
    case '4':
      return "black and white";
    case '2':
    case '5':
      return "grey";
    default:
      return "RGB";
  }
}

bool is_pnm(Bytes bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' &&
         bytes[1] <= '6' && std::isspace(bytes[2]);
}

}  // namespace

FileKind file_kind(Bytes bytes) {
  using std::string_view_literals::operator""sv;
  if (begins_with(bytes, "\xff\xd8\xff"))
    return {"JPEG", jpeg_mode(bytes)};
  if (begins_with(bytes, "\x89PNG\r\n\x1a\n"))
    return {"PNG", png_mode(bytes)};
  if (begins_with(bytes, "II*\0"sv) || begins_with(bytes, "MM\0*"sv))
    return {"TIFF", {}};
  if (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8))
    return {"WebP", {}};
  if (begins_with(bytes, "BM"))
    return {"BMP", {}};
  if (is_pnm(bytes))
    return {"PNM", pnm_mode(bytes)};
  return {};
}

std::string format_of_extension(const std::filesystem::path& path) {
  struct Row {
    const char* extension;
    const char* format;
  };
  constexpr Row kRows[] = {
      {".jpg", "JPEG"}, {".jpeg", "JPEG"}, {".png", "PNG"},
      {".bmp", "BMP"},  {".ppm", "PNM"},   {".pgm", "PNM"},
      {".tif", "TIFF"}, {".tiff", "TIFF"}, {".webp", "WebP"}};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const auto* row = std::find_if(
      std::begin(kRows), std::end(kRows),
      [&](const Row& candidate) { return extension == candidate.extension; });
  return row == std::end(kRows) ? "" : row->format;
}

}  // namespace torchclassify
