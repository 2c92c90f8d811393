// SPDX-License-Identifier: LGPL-2.1-or-later
// Data sets that tests make on the spot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

// A picture file of one pixel, #102030.
inline const std::string kPixel = std::string("P6 1 1 255\n") + "\x10\x20\x30";

// With the folders around it.
void write_nested(const std::filesystem::path& path,
                  const std::string& content);

// An IDX file of unsigned bytes.
std::string idx(const std::vector<std::uint32_t>& shape,
                const std::string& values);

void write_gzip(const std::filesystem::path& path, const std::string& content);

}  // namespace support
