// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trainer/made_sets.h"

#include <glib.h>
#include <zlib.h>

#include "support/test_files.h"

namespace support {
namespace {
namespace fs = std::filesystem;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

}  // namespace

void write_nested(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  write_file(path, content);
}

std::string idx(const std::vector<std::uint32_t>& shape,
                const std::string& values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const std::uint32_t side : shape) bytes += big_endian(side);
  return bytes + values;
}

void write_gzip(const fs::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  g_assert_nonnull(file);
  g_assert_cmpint(
      gzwrite(file, content.data(), static_cast<unsigned>(content.size())), ==,
      static_cast<int>(content.size()));
  gzclose(file);
}

}  // namespace support
