// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// The header, padded with spaces so that the data begins at a multiple of 8.
std::string make_header(const TensorViews& tensors, const Metadata& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, view] : tensors) {
    header[name] = {{"dtype", dtype_name(view.dtype)},
                    {"shape", view.shape},
                    {"data_offsets", {offset, offset + view.size}}};
    offset += view.size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path,
                       const TensorViews& tensors, const Metadata& metadata) {
  std::string header;
  try {
    header = make_header(tensors, metadata);
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected tensor names and metadata in UTF-8: " + path.string());
  }
  AtomicFile file(path);
  const std::uint64_t size = header.size();
  file.write(&size, sizeof(size));
  file.write(header.data(), header.size());
  for (const auto& [name, view] : tensors) file.write(view.data, view.size);
  file.commit();
}

}  // namespace torchclassify
