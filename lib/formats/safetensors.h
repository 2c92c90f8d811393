// SPDX-License-Identifier: LGPL-2.1-or-later
// The safetensors container: named tensors behind a JSON header.
// Format: github.com/huggingface/safetensors, README "Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
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

// "F32" and so on, as the format spells them.
const char* dtype_name(Dtype dtype);
std::size_t dtype_size(Dtype dtype);  // bytes

// A borrowed tensor: little-endian, C-contiguous, at any alignment.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;  // empty: a scalar
  const std::byte* data = nullptr;  // may be null when size is 0
  std::size_t size = 0;             // bytes = elements * dtype_size(dtype)
};

using TensorViews = std::map<std::string, TensorView>;
using Metadata = std::map<std::string, std::string>;

// An open, memory-mapped file. Every rule of the format is checked before any
// tensor is handed out. Reading is safe from any thread.
class SafetensorsFile {
 public:
  // Throws Error kNotFound, kCannotRead or kBadData, naming the path. The file
  // must not be shortened while it is open; a renamed successor does no harm.
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  // Views into the mapping: valid as long as this object.
  const TensorViews& tensors() const;
  const Metadata& metadata() const;  // the "__metadata__" entry

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Writes beside path, syncs and renames: a reader never sees half a file, and a
// failure leaves what was there. The same tensors give the same bytes, each
// tensor at a multiple of its dtype's size.
//
// Throws Error kCannotWrite; kInvalidArgument for a size that is not the
// shape's, names and metadata that are not UTF-8 or reserved ("__metadata__"),
// and more names than the format's 100 MB hold.
void write_safetensors(const std::filesystem::path& path,
                       const TensorViews& tensors, const Metadata& metadata);

}  // namespace torchclassify
