// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/sharded_safetensors.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "formats/byte_cursor.h"
#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Some 80 bytes a tensor, and a file for every few gigabytes.
constexpr std::size_t kMaxIndex = 16 << 20;  // bytes
constexpr std::size_t kMaxFiles = 1024;

[[noreturn]] void refuse(const std::string& message,
                         const std::string& origin) {
  throw Error(ErrorCode::kBadData, message + ": " + origin);
}

nlohmann::json parse(std::span<const std::byte> bytes,
                     const std::string& origin) {
  if (bytes.size() > kMaxIndex)
    refuse("expected an index of at most " + std::to_string(kMaxIndex) +
               " bytes, got " + std::to_string(bytes.size()),
           origin);
  try {
    return parse_strict_json(as_text(bytes));
  } catch (const std::exception& error) {
    refuse(std::string("expected a JSON index of safetensors files, got ") +
               error.what(),
           origin);
  }
}

bool is_plain(std::string_view file) {
  constexpr std::size_t kLongest = 255;  // bytes, in any file system
  return !file.empty() && file.size() <= kLongest && file != "." &&
         file != ".." &&
         file.find_first_of(std::string_view("/\\\0", 3)) == file.npos;
}

}  // namespace

ShardIndex parse_shard_index(std::span<const std::byte> bytes,
                             const std::string& origin) {
  const nlohmann::json json = parse(bytes, origin);
  if (!json.is_object() || !json.contains("weight_map") ||
      !json["weight_map"].is_object() || json["weight_map"].empty())
    refuse("expected an index with a weight_map of names, got none", origin);
  ShardIndex index;
  for (const auto& [name, value] : json["weight_map"].items()) {
    const std::string file = value.is_string() ? value.get<std::string>() : "";
    if (!is_plain(file))
      refuse("expected the name of a file beside the index, got " +
                 quoted_text(file) + " for tensor " + quoted_text(name),
             origin);
    index.file_of.emplace(name, file);
    ++index.tensors_in[file];
  }
  if (index.tensors_in.size() > kMaxFiles)
    refuse("expected at most " + std::to_string(kMaxFiles) + " files, got " +
               std::to_string(index.tensors_in.size()),
           origin);
  return index;
}

void add_shard(const ShardIndex& index, const std::string& file,
               TensorViews shard, TensorViews& tensors,
               const std::string& origin) {
  for (const auto& [name, view] : shard) {
    const auto found = index.file_of.find(name);
    if (found == index.file_of.end() || found->second != file)
      refuse("expected in " + quoted_text(file) +
                 " only what the index says, got also tensor " +
                 quoted_text(name),
             origin);
  }
  if (const std::size_t count = index.tensors_in.at(file);
      shard.size() != count)
    refuse("expected " + std::to_string(count) + " tensors in " +
               quoted_text(file) + ", as the index says, got " +
               std::to_string(shard.size()),
           origin);
  tensors.merge(shard);
}

}  // namespace torchclassify
