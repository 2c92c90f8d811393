// SPDX-License-Identifier: LGPL-2.1-or-later
// IDX files, the format of MNIST and its family, gzip-compressed or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace torchclassify {

struct IdxArray {
  std::vector<std::uint32_t> shape;
  std::vector<std::uint8_t> values;  // as many as the product of the shape
};

// Largest array that is read, bytes: EMNIST's largest has 547 million.
inline constexpr std::uint64_t kMaxIdxBytes = 1'000'000'000;

// Reads unsigned bytes of the given number of dimensions. What the header
// promises is compared with what the file's size can hold before anything is
// allocated. Throws Error kNotFound, kCannotRead, or kBadData, naming the path.
IdxArray read_idx(const std::filesystem::path& path, int dimensions);

}  // namespace torchclassify
