// SPDX-License-Identifier: LGPL-2.1-or-later
// What the fuzz targets share: bytes in, tensors touched, one exception type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "formats/tensor_view.h"
#include "torchclassify/error.h"

namespace fuzz {

inline constexpr char kOrigin[] = "/fuzz/file";

// Reads every byte, so that the address sanitizer sees one that is not there.
inline void touch(std::span<const std::byte> bytes) {
  std::byte sum{};
  for (const std::byte byte : bytes) sum ^= byte;
  static volatile std::byte sink;
  sink = sum;
}

// Reads every element where the shape and the strides say that it is.
inline void touch(const torchclassify::TensorView& tensor) {
  touch({tensor.data, tensor.size});
  if (tensor.strides.empty())
    return;
  const std::size_t size = torchclassify::dtype_size(tensor.dtype);
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  for (const std::int64_t side : tensor.shape) {
    if (side == 0)
      return;
  }
  while (true) {
    std::int64_t offset = 0;  // elements
    for (std::size_t i = 0; i < index.size(); ++i)
      offset += index[i] * tensor.strides[i];
    touch({tensor.data + offset * static_cast<std::int64_t>(size), size});
    std::size_t side = index.size();
    while (side > 0 && ++index[side - 1] == tensor.shape[side - 1])
      index[--side] = 0;
    if (side == 0)
      return;
  }
}

inline void touch(const torchclassify::TensorViews& tensors) {
  for (const auto& [name, tensor] : tensors) touch(tensor);
}

// Runs read on what came from the fuzzer. Everything it throws but Error ends
// the process, as everything the sanitizers see does.
template <typename Read>
int run(Read&& read) {
  try {
    read();
  } catch (const torchclassify::Error&) {
  }
  return 0;
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data,
                                           std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

}  // namespace fuzz
