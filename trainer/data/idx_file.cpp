// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/idx_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr std::uint64_t kDeflateMaxRatio = 1032;  // of any deflate stream
constexpr std::uint8_t kUnsignedByte = 0x08;

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, GzClose>;

[[noreturn]] void throw_bad(const std::string& finding, const fs::path& path) {
  throw Error(ErrorCode::kBadData,
              "expected " + finding + " in the IDX file " + path.string());
}

// zlib reads a file that is not compressed as it is.
GzFile open_gz(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw Error(ErrorCode::kNotFound,
                "expected an IDX file, got nothing at " + path.string());
  GzFile file(gzopen(path.c_str(), "rb"));
  if (!file || fs::is_directory(path, error))
    throw Error(ErrorCode::kCannotRead,
                "expected a readable IDX file, got none at " + path.string());
  gzbuffer(file.get(), 1 << 18);
  return file;
}

// Fewer bytes than asked for only at the end of the data.
std::size_t read_some(const GzFile& file, std::uint8_t* bytes, std::size_t size,
                      const fs::path& path) {
  std::size_t done = 0;
  while (done < size) {
    const auto piece =
        static_cast<unsigned>(std::min<std::size_t>(size - done, 1 << 20));
    const int got = gzread(file.get(), bytes + done, piece);
    if (got < 0)
      throw_bad("intact gzip data, got damaged ones", path);
    if (got == 0)
      break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

std::vector<std::uint32_t> read_header(const GzFile& file, int dimensions,
                                       const fs::path& path) {
  std::array<std::uint8_t, 4> magic = {};
  if (read_some(file, magic.data(), magic.size(), path) < magic.size())
    throw_bad("a header of 4 bytes, got fewer", path);
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != kUnsignedByte)
    throw_bad("unsigned bytes (magic 00 00 08), got another magic number",
              path);
  if (magic[3] != dimensions)
    throw_bad(std::to_string(dimensions) + " dimensions, got " +
                  std::to_string(magic[3]),
              path);

  std::vector<std::uint8_t> bytes(4 * static_cast<std::size_t>(dimensions));
  if (read_some(file, bytes.data(), bytes.size(), path) < bytes.size())
    throw_bad("as many sizes as dimensions, got fewer", path);
  std::vector<std::uint32_t> shape;
  for (std::size_t i = 0; i < bytes.size(); i += 4)
    shape.push_back(big_endian(&bytes[i]));
  return shape;
}

std::uint64_t checked_size(const std::vector<std::uint32_t>& shape,
                           std::uint64_t limit, const fs::path& path) {
  std::uint64_t size = 1;
  for (const std::uint32_t side : shape) {
    size *= side;  // below 2^32 * kMaxIdxBytes: no overflow
    if (size > limit)
      throw_bad("at most " + std::to_string(limit) +
                    " values (by the file's size), got a header with more",
                path);
  }
  return size;
}

}  // namespace

IdxArray read_idx(const fs::path& path, int dimensions) {
  const GzFile file = open_gz(path);
  IdxArray array{read_header(file, dimensions, path), {}};
  std::error_code error;
  const std::uint64_t stored = fs::file_size(path, error);
  if (error)
    throw Error(ErrorCode::kCannotRead,
                "expected a file of known size at " + path.string());
  const std::uint64_t ratio = gzdirect(file.get()) ? 1 : kDeflateMaxRatio;
  const std::uint64_t size =
      checked_size(array.shape, std::min(kMaxIdxBytes, stored * ratio), path);

  array.values.resize(size);
  const std::size_t got =
      read_some(file, array.values.data(), array.values.size(), path);
  if (got < size)
    throw_bad(std::to_string(size) + " values, got " + std::to_string(got),
              path);
  std::uint8_t extra = 0;
  if (read_some(file, &extra, 1, path) != 0)
    throw_bad(std::to_string(size) + " values, got more", path);
  return array;
}

}  // namespace torchclassify
