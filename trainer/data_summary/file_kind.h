// SPDX-License-Identifier: LGPL-2.1-or-later
// What format and mode a picture file has, by its bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace torchclassify {

struct FileKind {
  std::string format;  // "JPEG", "PNG", "BMP", "PNM", "TIFF", "WebP"; empty:
                       // another
  // "grey", "RGB", "palette", "CMYK", ..., with "16-bit" where it is so; empty:
  // not known.
  std::string mode;
};

FileKind file_kind(std::span<const std::uint8_t> bytes);

// The format that the extension promises; empty: none.
std::string format_of_extension(const std::filesystem::path& path);

}  // namespace torchclassify
