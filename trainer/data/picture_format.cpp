// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/picture_format.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "data/lower_case.h"

namespace torchclassify {
namespace {

bool is_pnm(std::span<const std::uint8_t> bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' &&
         bytes[1] <= '6' && std::isspace(bytes[2]);
}

}  // namespace

const char* format_name(PictureFormat format) {
  switch (format) {
    case PictureFormat::kNone:
      return "";
    case PictureFormat::kJpeg:
      return "JPEG";
    case PictureFormat::kPng:
      return "PNG";
    case PictureFormat::kBmp:
      return "BMP";
    case PictureFormat::kPnm:
      return "PNM";
    case PictureFormat::kTiff:
      return "TIFF";
    case PictureFormat::kWebp:
      return "WebP";
  }
  return "";
}

PictureFormat picture_format(std::span<const std::uint8_t> bytes) {
  using std::string_view_literals::operator""sv;
  if (begins_with(bytes, "\xff\xd8\xff"))
    return PictureFormat::kJpeg;
  if (begins_with(bytes, "\x89PNG\r\n\x1a\n"))
    return PictureFormat::kPng;
  if (begins_with(bytes, "BM"))
    return PictureFormat::kBmp;
  if (begins_with(bytes, "II*\0"sv) || begins_with(bytes, "MM\0*"sv))
    return PictureFormat::kTiff;
  if (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8))
    return PictureFormat::kWebp;
  return is_pnm(bytes) ? PictureFormat::kPnm : PictureFormat::kNone;
}

PictureFormat format_of_extension(const std::filesystem::path& path) {
  struct Row {
    const char* extension;
    PictureFormat format;
  };
  constexpr Row kRows[] = {
      {".jpg", PictureFormat::kJpeg},  {".jpeg", PictureFormat::kJpeg},
      {".png", PictureFormat::kPng},   {".ppm", PictureFormat::kPnm},
      {".bmp", PictureFormat::kBmp},   {".pgm", PictureFormat::kPnm},
      {".tif", PictureFormat::kTiff},  {".tiff", PictureFormat::kTiff},
      {".webp", PictureFormat::kWebp},
  };
  const std::string extension = lower_case(path.extension().string());
  const auto* row = std::find_if(
      std::begin(kRows), std::end(kRows),
      [&](const Row& candidate) { return extension == candidate.extension; });
  return row == std::end(kRows) ? PictureFormat::kNone : row->format;
}

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view magic,
                 std::size_t at) {
  return bytes.size() >= at + magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin() + at,
                    [](char a, std::uint8_t b) {
                      return static_cast<std::uint8_t>(a) == b;
                    });
}

}  // namespace torchclassify
