// SPDX-License-Identifier: LGPL-2.1-or-later
// Borrowed tensors by name: what every weights file is read into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torchclassify {

enum class Dtype {
  kBool,
  kU8,
  kI8,
  kF8E5m2,
  kF8E4m3,
  kI16,
  kU16,
  kF16,
  kBf16,
  kI32,
  kU32,
  kF32,
  kF64,
  kI64,
  kU64,
};

// "F32" and so on, as safetensors spells them.
const char* dtype_name(Dtype dtype);
std::optional<Dtype> dtype_named(std::string_view name);
std::size_t dtype_size(Dtype dtype);  // bytes

// A borrowed tensor: in the processor's byte order, at any alignment.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;  // empty: a scalar
  // Elements to the next index of each side, 0 or more; empty: C-contiguous.
  // No element lies outside the size bytes, and there are at most as many
  // elements as fit into them.
  std::vector<std::int64_t> strides;
  const std::byte* data = nullptr;  // may be null when size is 0
  std::size_t size = 0;             // bytes; contiguous: all elements' own
};

using TensorViews = std::map<std::string, TensorView>;

}  // namespace torchclassify
