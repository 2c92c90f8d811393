// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture files, decoded to 8-bit RGB, and how to look at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "torchclassify/image.h"

namespace torchclassify {

// An owned picture: packed RGB or grey rows without padding.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 3;                  // 3: RGB, 1: grey
  std::vector<std::uint8_t> pixels;  // height * width * channels bytes

  ImageView view() const;  // kRgb or kGray8, full range; borrows pixels
};

// Largest picture that is decoded: a header that says more is refused before
// anything is allocated.
inline constexpr std::int64_t kMaxPixels = 100'000'000;

// Decodes as PIL's open().convert('RGB') does: palette, grey, 16-bit, CMYK (to
// within 1) and alpha (dropped) included; turned upright by its EXIF
// orientation, if any. Throws Error kNotFound, kCannotRead, or kBadData, naming
// the path.
Picture read_picture(const std::filesystem::path& path);

// The same from memory; origin names it in errors.
Picture decode_picture(const std::uint8_t* bytes, std::size_t size,
                       const std::string& origin);

// By extension (.jpg .jpeg .png .ppm .bmp .pgm .tif .tiff .webp, any case), as
// torchvision's ImageFolder.
bool is_picture_file(const std::filesystem::path& path);

}  // namespace torchclassify
