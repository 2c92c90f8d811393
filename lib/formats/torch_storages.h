// SPDX-License-Identifier: LGPL-2.1-or-later
// The raw numbers in a file of torch.save(), and how its pickle names them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle.h"
#include "formats/tensor_view.h"

namespace torchclassify {

// What a persistent id of the pickle says of a storage, or of a part of it.
struct StorageReference {
  Dtype dtype = Dtype::kU8;
  bool typed = true;         // else the tensor says its dtype; dtype is kU8
  std::string_view key;      // the storage's name in the file
  std::uint64_t numel = 0;   // elements in the whole storage
  std::uint64_t offset = 0;  // elements before the part
  std::uint64_t part = 0;    // elements in the part

  std::size_t element_size() const { return dtype_size(dtype); }
};

// Throws Error kBadData, naming origin (the file), unless it is
// ("storage", type, key, location, numel), with or without
// (key, offset, numel) of a part, as old files have it.
StorageReference parse_storage_reference(const PickleValue& id,
                                         const std::string& origin);

// Every storage of a file, by key.
class TorchStorages {
 public:
  // foreign: the bytes of each number are in the order that is not the
  // processor's. False for a key that is there already.
  bool add(std::string_view key, std::span<const std::byte> bytes,
           bool foreign);

  // The part's bytes, in the processor's order as elements of size bytes; what
  // had to be swapped for it is kept, once for each storage. Throws Error
  // kBadData, naming origin, for a storage that is absent, has another size
  // than the reference says, or is needed with two sizes of elements.
  std::span<const std::byte> read(const StorageReference& reference,
                                  std::size_t size, const std::string& origin);

  std::vector<std::unique_ptr<std::byte[]>> take_swapped();

 private:
  struct Storage {
    std::span<const std::byte> bytes;
    bool foreign = false;
    std::size_t swapped_as = 0;  // bytes; 0: not yet
  };

  void swap(Storage& storage, std::size_t size);

  std::map<std::string, Storage, std::less<>> storages_;
  std::vector<std::unique_ptr<std::byte[]>> swapped_;
};

}  // namespace torchclassify
