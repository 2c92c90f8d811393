// SPDX-License-Identifier: LGPL-2.1-or-later
// What a picture file says of itself before anything is decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace torchclassify {

struct PictureHeader {
  std::int64_t width = 0;   // pixels; of the larger of picture and tile
  std::int64_t height = 0;  // pixels; negative sizes are kept as they are
  // Why the decoder must not get it, though it would take it; null: nothing.
  const char* problem = nullptr;
  // EXIF's, 1 to 8, where OpenCV does not heed it (WebP); else 1.
  int orientation = 1;
};

// JPEG, PNG, BMP, PNM, TIFF and WebP. Nothing for another format, or for a
// header that ends too early. Never reads outside bytes.
std::optional<PictureHeader> read_picture_header(
    std::span<const std::uint8_t> bytes);

// Where the frame header of a JPEG begins; nothing if it has none.
std::optional<std::size_t> jpeg_frame_at(std::span<const std::uint8_t> bytes);

}  // namespace torchclassify
