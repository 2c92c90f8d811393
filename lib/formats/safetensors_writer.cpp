// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::size_t kMaxHeader = 100'000'000;  // bytes, by the format

using Entry = const TensorViews::value_type*;

[[noreturn]] void refuse(const std::string& message,
                         const std::filesystem::path& path) {
  throw Error(ErrorCode::kInvalidArgument, message + ": " + path.string());
}

void check_tensor(const std::string& name, const TensorView& view,
                  const std::filesystem::path& path) {
  if (name == "__metadata__")
    refuse("expected another tensor name than \"__metadata__\"", path);
  std::uint64_t size = dtype_size(view.dtype);
  bool fits = view.strides.empty();
  for (const std::int64_t side : view.shape)
    fits =
        fits && side >= 0 &&
        !__builtin_mul_overflow(size, static_cast<std::uint64_t>(side), &size);
  if (!fits || size != view.size)
    refuse(
        "expected contiguous elements, as many bytes as the shape says, got " +
            std::to_string(view.size) + " for tensor " + quoted_text(name),
        path);
}

// Wide dtypes first, then by name: every tensor begins at a multiple of its
// dtype's size, which PyTorch's readers need.
std::vector<Entry> in_file_order(const TensorViews& tensors) {
  std::vector<Entry> order;
  for (const auto& entry : tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](Entry a, Entry b) {
    return dtype_size(a->second.dtype) > dtype_size(b->second.dtype);
  });
  return order;
}

// The header, padded with spaces so that the data begins at a multiple of 8.
std::string make_header(const std::vector<Entry>& order,
                        const Metadata& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const Entry entry : order) {
    const TensorView& view = entry->second;
    header[entry->first] = {{"dtype", dtype_name(view.dtype)},
                            {"shape", view.shape},
                            {"data_offsets", {offset, offset + view.size}}};
    offset += view.size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

std::string checked_header(const std::vector<Entry>& order,
                           const Metadata& metadata,
                           const std::filesystem::path& path) {
  std::string header;
  try {
    header = make_header(order, metadata);
  } catch (const nlohmann::json::exception&) {
    refuse("expected tensor names and metadata in UTF-8", path);
  }
  if (header.size() > kMaxHeader)
    refuse("expected a header of at most 100 MB, got " +
               std::to_string(header.size()) + " bytes",
           path);
  return header;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path,
                       const TensorViews& tensors, const Metadata& metadata) {
  for (const auto& [name, view] : tensors) check_tensor(name, view, path);
  const std::vector<Entry> order = in_file_order(tensors);
  const std::string header = checked_header(order, metadata, path);
  AtomicFile file(path);
  const std::uint64_t size = header.size();
  file.write(&size, sizeof(size));
  file.write(header.data(), header.size());
  for (const Entry entry : order)
    file.write(entry->second.data, entry->second.size);
  file.commit();
}

}  // namespace torchclassify
