// SPDX-License-Identifier: LGPL-2.1-or-later
// Which format a picture file has, by its first bytes or by its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace torchclassify {

enum class PictureFormat { kNone, kJpeg, kPng, kBmp, kPnm, kTiff, kWebp };

// "JPEG", "PNG", "BMP", "PNM", "TIFF" or "WebP"; empty for kNone.
const char* format_name(PictureFormat format);

// What the bytes begin as; kNone: another format.
PictureFormat picture_format(std::span<const std::uint8_t> bytes);

// What the extension promises, in any case; kNone: no picture.
PictureFormat format_of_extension(const std::filesystem::path& path);

// Whether magic is at that place. Never reads outside bytes.
bool begins_with(std::span<const std::uint8_t> bytes, std::string_view magic,
                 std::size_t at = 0);

}  // namespace torchclassify
