// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/torch_storages.h"

#include <algorithm>
#include <utility>

#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

struct StorageType {
  std::string_view name;
  Dtype dtype;
};

constexpr std::string_view kUntyped = "torch.storage.UntypedStorage";

constexpr StorageType kTypes[] = {
    {"torch.BFloat16Storage", Dtype::kBf16},
    {"torch.BoolStorage", Dtype::kBool},
    {"torch.ByteStorage", Dtype::kU8},
    {"torch.CharStorage", Dtype::kI8},
    {"torch.DoubleStorage", Dtype::kF64},
    {"torch.FloatStorage", Dtype::kF32},
    {"torch.HalfStorage", Dtype::kF16},
    {"torch.IntStorage", Dtype::kI32},
    {"torch.LongStorage", Dtype::kI64},
    {"torch.ShortStorage", Dtype::kI16},
    {kUntyped, Dtype::kU8},
};

[[noreturn]] void refuse(const std::string& message,
                         const std::string& origin) {
  throw Error(ErrorCode::kBadData, message + ": " + origin);
}

// Reads one persistent id; every complaint names the file.
class ReferenceReader {
 public:
  ReferenceReader(const PickleValue& id, const std::string& origin)
      : items_(id.items[0]->items),
        is_tuple_(id.items[0]->kind == PickleKind::kTuple),
        origin_(origin) {}

  StorageReference read() const;

 private:
  bool is_storage() const;
  void read_type(StorageReference& reference) const;
  void read_part(StorageReference& reference) const;
  std::uint64_t number(const PickleValue& value) const;

  const std::vector<const PickleValue*>& items_;
  const bool is_tuple_;
  const std::string& origin_;
};

StorageReference ReferenceReader::read() const {
  if (!is_storage())
    refuse("expected a persistent id that names a storage, got something else",
           origin_);
  StorageReference reference;
  read_type(reference);
  reference.key = items_[2]->text;
  reference.numel = reference.part = number(*items_[4]);
  if (items_.size() == 6 && items_[5]->kind != PickleKind::kNone)
    read_part(reference);
  return reference;
}

bool ReferenceReader::is_storage() const {
  return is_tuple_ && (items_.size() == 5 || items_.size() == 6) &&
         items_[0]->kind == PickleKind::kText && items_[0]->text == "storage" &&
         items_[1]->kind == PickleKind::kGlobal &&
         items_[2]->kind == PickleKind::kText;
}

void ReferenceReader::read_type(StorageReference& reference) const {
  const std::string_view name = items_[1]->text;
  const auto type =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [name](const StorageType& t) { return t.name == name; });
  if (type == std::end(kTypes))
    refuse("expected a type of storage, got " + std::string(name), origin_);
  reference.dtype = type->dtype;
  reference.typed = name != kUntyped;
}

void ReferenceReader::read_part(StorageReference& reference) const {
  const PickleValue& part = *items_[5];
  if (part.kind != PickleKind::kTuple || part.items.size() != 3)
    refuse("expected a key and two numbers for a part of a storage", origin_);
  reference.offset = number(*part.items[1]);
  reference.part = number(*part.items[2]);
  if (reference.offset > reference.numel ||
      reference.part > reference.numel - reference.offset)
    refuse("expected a part within its storage of " +
               std::to_string(reference.numel) + " elements, got " +
               std::to_string(reference.part) + " at " +
               std::to_string(reference.offset),
           origin_);
}

std::uint64_t ReferenceReader::number(const PickleValue& value) const {
  if (value.kind != PickleKind::kInteger || value.integer < 0)
    refuse(
        "expected whole numbers of 0 or more for a storage, got something "
        "else",
        origin_);
  return static_cast<std::uint64_t>(value.integer);
}

}  // namespace

StorageReference parse_storage_reference(const PickleValue& id,
                                         const std::string& origin) {
  return ReferenceReader(id, origin).read();
}

bool TorchStorages::add(std::string_view key, std::span<const std::byte> bytes,
                        bool foreign) {
  return storages_.emplace(key, Storage{bytes, foreign}).second;
}

std::span<const std::byte> TorchStorages::read(
    const StorageReference& reference, std::size_t size,
    const std::string& origin) {
  const auto found = storages_.find(reference.key);
  if (found == storages_.end())
    refuse("expected a storage " + quoted_text(reference.key) + ", got none",
           origin);
  Storage& storage = found->second;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(reference.numel,
                             std::uint64_t{reference.element_size()}, &bytes) ||
      bytes != storage.bytes.size())
    refuse("expected " + std::to_string(reference.numel) + " elements of " +
               std::to_string(reference.element_size()) +
               " bytes in the storage " + quoted_text(reference.key) +
               ", got " + std::to_string(storage.bytes.size()) + " bytes",
           origin);
  if (storage.foreign && size > 1) {
    if (storage.swapped_as == 0)
      swap(storage, size);
    if (storage.swapped_as != size)
      refuse("expected one size of elements in the storage " +
                 quoted_text(reference.key) + ", got two",
             origin);
  }
  return storage.bytes.subspan(reference.offset * reference.element_size(),
                               reference.part * reference.element_size());
}

std::vector<std::unique_ptr<std::byte[]>> TorchStorages::take_swapped() {
  return std::move(swapped_);
}

void TorchStorages::swap(Storage& storage, std::size_t size) {
  const std::size_t count = storage.bytes.size();
  auto copy = std::make_unique<std::byte[]>(count);
  std::copy(storage.bytes.begin(), storage.bytes.end(), copy.get());
  for (std::size_t at = 0; at + size <= count; at += size)
    std::reverse(copy.get() + at, copy.get() + at + size);
  storage.bytes = {copy.get(), count};
  storage.swapped_as = size;
  swapped_.push_back(std::move(copy));
}

}  // namespace torchclassify
