// SPDX-License-Identifier: LGPL-2.1-or-later
// The safetensors container: named tensors behind a JSON header.
// Format: github.com/huggingface/safetensors, README "Format".
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "formats/tensor_view.h"

namespace torchclassify {

using Metadata = std::map<std::string, std::string>;

struct SafetensorsContent {
  TensorViews tensors;  // views into the bytes
  Metadata metadata;    // the "__metadata__" entry
};

// Reads a whole file's bytes, which must outlive the views. Throws Error
// kBadData, or kUnsupported for what torch.save() wrote, naming origin (the
// file).
SafetensorsContent parse_safetensors(std::span<const std::byte> bytes,
                                     const std::string& origin);

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
