// SPDX-License-Identifier: LGPL-2.1-or-later
// The index of weights that are spread over several safetensors files.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "formats/tensor_view.h"

namespace torchclassify {

// Which file holds which tensor: the "weight_map" of *.safetensors.index.json.
struct ShardIndex {
  std::map<std::string, std::string> file_of;  // tensor's name: file's name
  // Tensors in each file; plain names, beside the index.
  std::map<std::string, std::size_t> tensors_in;
};

// Throws Error kBadData, naming origin (the index file), for what is no such
// index, too large a one, and files that do not lie beside it.
ShardIndex parse_shard_index(std::span<const std::byte> bytes,
                             const std::string& origin);

// Moves the tensors of one of the files into tensors. Throws Error kBadData
// unless they are exactly those that the index says.
void add_shard(const ShardIndex& index, const std::string& file,
               TensorViews shard, TensorViews& tensors,
               const std::string& origin);

}  // namespace torchclassify
