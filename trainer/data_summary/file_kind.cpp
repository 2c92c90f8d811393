// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data_summary/file_kind.h"

#include <array>

#include "data/picture_header.h"

namespace torchclassify {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::string jpeg_mode(Bytes bytes) {
  constexpr std::size_t kComponentsAt = 9;  // in the frame header
  const auto frame = jpeg_frame_at(bytes);
  if (!frame || *frame + kComponentsAt >= bytes.size())
    return {};
  const std::uint8_t components = bytes[*frame + kComponentsAt];
  return components == 1 ? "grey" : components == 4 ? "CMYK" : "RGB";
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

std::string mode_of(PictureFormat format, Bytes bytes) {
  switch (format) {
    case PictureFormat::kJpeg:
      return jpeg_mode(bytes);
    case PictureFormat::kPng:
      return png_mode(bytes);
    case PictureFormat::kPnm:
      return pnm_mode(bytes);
    default:
      return {};
  }
}

}  // namespace

FileKind file_kind(Bytes bytes) {
  const PictureFormat format = picture_format(bytes);
  return {format, mode_of(format, bytes)};
}

}  // namespace torchclassify
