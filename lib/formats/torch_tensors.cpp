// SPDX-License-Identifier: LGPL-2.1-or-later
// Model: torch/_utils.py, _rebuild_tensor() to _rebuild_parameter().
#include "formats/torch_tensors.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Values = std::vector<const PickleValue*>;

constexpr std::size_t kMaxDimensions = 64;  // LibTorch's own limit

// The arguments of the functions that make tensors, by their place.
constexpr std::size_t kStorage = 0;
constexpr std::size_t kOffset = 1;
constexpr std::size_t kShape = 2;
constexpr std::size_t kStrides = 3;
constexpr std::size_t kDtype = 6;  // of version 3

struct Maker {
  std::string_view name;
  std::size_t arguments;  // without metadata, which may follow
  bool has_metadata;
};

constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kVersion3 = "torch._utils._rebuild_tensor_v3";

constexpr Maker kMakers[] = {
    {"torch._utils._rebuild_tensor", 4, false},
    {"torch._utils._rebuild_tensor_v2", 6, true},
    {kVersion3, 7, true},
};

struct ElementType {
  std::string_view name;
  Dtype dtype;
};

constexpr ElementType kElementTypes[] = {
    {"torch.bfloat16", Dtype::kBf16},
    {"torch.bool", Dtype::kBool},
    {"torch.float16", Dtype::kF16},
    {"torch.float32", Dtype::kF32},
    {"torch.float64", Dtype::kF64},
    {"torch.float8_e4m3fn", Dtype::kF8E4m3},
    {"torch.float8_e5m2", Dtype::kF8E5m2},
    {"torch.int16", Dtype::kI16},
    {"torch.int32", Dtype::kI32},
    {"torch.int64", Dtype::kI64},
    {"torch.int8", Dtype::kI8},
    {"torch.uint16", Dtype::kU16},
    {"torch.uint32", Dtype::kU32},
    {"torch.uint64", Dtype::kU64},
    {"torch.uint8", Dtype::kU8},
};

std::string_view callee(const PickleValue& value) {
  return value.kind == PickleKind::kCall ? value.items[0]->text
                                         : std::string_view();
}

const Values& arguments(const PickleValue& call) {
  return call.items[1]->items;
}

const Maker* find_maker(const PickleValue& value) {
  for (const Maker& maker : kMakers) {
    if (callee(value) == maker.name)
      return &maker;
  }
  return nullptr;
}

// A parameter is a tensor with two more properties, which do not matter here.
const PickleValue& unwrap(const PickleValue& value) {
  const bool wrapped = callee(value) == kParameter && !arguments(value).empty();
  return wrapped ? *arguments(value)[0] : value;
}

// Reads one tensor; every complaint names it and the file.
class TensorReader {
 public:
  TensorReader(const std::string& name, const Maker& maker,
               const Values& arguments, const std::string& origin)
      : name_(name), maker_(maker), arguments_(arguments), origin_(origin) {}

  TensorView read(TorchStorages& storages) const;

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code,
                message + " for tensor " + quoted_text(name_) + ": " + origin_);
  }

  void check_arguments() const;
  Dtype read_dtype(const StorageReference& reference) const;
  std::vector<std::int64_t> numbers(const PickleValue& value) const;
  void place(TensorView& view, std::span<const std::byte> storage) const;

  const std::string& name_;
  const Maker& maker_;
  const Values& arguments_;
  const std::string& origin_;
};

TensorView TensorReader::read(TorchStorages& storages) const {
  check_arguments();
  const StorageReference reference =
      parse_storage_reference(*arguments_[kStorage], origin_);
  TensorView view;
  view.dtype = read_dtype(reference);
  view.shape = numbers(*arguments_[kShape]);
  view.strides = numbers(*arguments_[kStrides]);
  if (view.shape.size() != view.strides.size())
    refuse("expected as many strides as sides");
  place(view, storages.read(reference, dtype_size(view.dtype), origin_));
  return view;
}

void TensorReader::check_arguments() const {
  const std::size_t most = maker_.arguments + (maker_.has_metadata ? 1 : 0);
  if (arguments_.size() < maker_.arguments || arguments_.size() > most)
    refuse("expected " + std::to_string(maker_.arguments) + " arguments, got " +
           std::to_string(arguments_.size()));
  if (arguments_[kStorage]->kind != PickleKind::kPersistentId)
    refuse("expected a storage, got something else");
  // It says that the numbers are to be conjugated or negated.
  if (arguments_.size() > maker_.arguments && !arguments_.back()->items.empty())
    refuse("expected numbers as they are stored, got a lazy operation",
           ErrorCode::kUnsupported);
}

Dtype TensorReader::read_dtype(const StorageReference& reference) const {
  if (maker_.name != kVersion3) {
    if (!reference.typed)
      refuse("expected a storage with a type, got one without");
    return reference.dtype;
  }
  for (const ElementType& type : kElementTypes) {
    if (arguments_[kDtype]->kind == PickleKind::kGlobal &&
        arguments_[kDtype]->text == type.name)
      return type.dtype;
  }
  refuse("expected a type of elements, got something else");
}

std::vector<std::int64_t> TensorReader::numbers(
    const PickleValue& value) const {
  if (value.kind != PickleKind::kTuple || value.items.size() > kMaxDimensions)
    refuse("expected a tuple of at most " + std::to_string(kMaxDimensions) +
           " numbers");
  std::vector<std::int64_t> result;
  for (const PickleValue* item : value.items) {
    if (item->kind != PickleKind::kInteger || item->integer < 0)
      refuse("expected whole numbers of 0 or more");
    result.push_back(item->integer);
  }
  return result;
}

// Bytes from the first to the last element; nothing for an overflow.
std::optional<std::uint64_t> extent(const TensorView& view) {
  std::uint64_t last = 0;  // element
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    std::uint64_t step = 0;
    if (__builtin_mul_overflow(view.shape[i] - 1, view.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  }
  std::uint64_t bytes = 0;
  if (__builtin_add_overflow(last, 1, &last) ||
      __builtin_mul_overflow(last, dtype_size(view.dtype), &bytes))
    return std::nullopt;
  return bytes;
}

// Bytes of all elements, taking sides of 0 for 1: they must fit even beside one
// of 0, because whoever allocates multiplies them.
std::optional<std::uint64_t> own_bytes(const TensorView& view) {
  std::int64_t bytes = static_cast<std::int64_t>(dtype_size(view.dtype));
  for (const std::int64_t side : view.shape) {
    if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(side, 1), &bytes))
      return std::nullopt;
  }
  return static_cast<std::uint64_t>(bytes);
}

// Leaves no strides where the elements lie without gaps in their order.
void simplify_strides(TensorView& view) {
  std::int64_t expected = 1;
  bool contiguous = true;
  for (std::size_t i = view.shape.size(); i > 0; --i) {
    if (view.shape[i - 1] == 1)
      view.strides[i - 1] = expected;  // never used, and may be any number
    contiguous = contiguous && view.strides[i - 1] == expected;
    expected *= view.shape[i - 1];
  }
  if (contiguous)
    view.strides.clear();
}

void TensorReader::place(TensorView& view,
                         std::span<const std::byte> storage) const {
  const auto own = own_bytes(view);
  if (!own)
    refuse("expected a shape that fits into 64 bits");
  if (std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end()) {
    view.strides.clear();
    return;
  }
  const PickleValue& offset = *arguments_[kOffset];
  const auto span = extent(view);
  const std::size_t room = storage.size() / dtype_size(view.dtype);
  if (offset.kind != PickleKind::kInteger || offset.integer < 0 ||
      static_cast<std::uint64_t>(offset.integer) > room)
    refuse("expected an offset within the storage's " + std::to_string(room) +
           " elements");
  const auto rest = storage.subspan(static_cast<std::size_t>(offset.integer) *
                                    dtype_size(view.dtype));
  if (!span || *span > rest.size())
    refuse("expected every element within the storage's " +
           std::to_string(room) + " elements");
  // Else a file of a few bytes would fill the memory when copied.
  if (*own > *span)
    refuse("expected no element of the storage more than once");
  simplify_strides(view);
  view.data = rest.data();
  view.size = static_cast<std::size_t>(*span);
}

}  // namespace

bool is_tensor(const PickleValue& value) {
  return find_maker(unwrap(value)) != nullptr;
}

TensorView read_tensor(const std::string& name, const PickleValue& value,
                       TorchStorages& storages, const std::string& origin) {
  const PickleValue& call = unwrap(value);
  return TensorReader(name, *find_maker(call), arguments(call), origin)
      .read(storages);
}

}  // namespace torchclassify
