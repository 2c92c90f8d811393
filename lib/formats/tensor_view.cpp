// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/tensor_view.h"

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

struct DtypeEntry {
  Dtype dtype;
  const char* name;
  std::size_t size;  // bytes
};

constexpr DtypeEntry kDtypes[] = {
    {Dtype::kBool, "BOOL", 1},      {Dtype::kU8, "U8", 1},
    {Dtype::kI8, "I8", 1},          {Dtype::kF8E5m2, "F8_E5M2", 1},
    {Dtype::kF8E4m3, "F8_E4M3", 1}, {Dtype::kI16, "I16", 2},
    {Dtype::kU16, "U16", 2},        {Dtype::kF16, "F16", 2},
    {Dtype::kBf16, "BF16", 2},      {Dtype::kI32, "I32", 4},
    {Dtype::kU32, "U32", 4},        {Dtype::kF32, "F32", 4},
    {Dtype::kF64, "F64", 8},        {Dtype::kI64, "I64", 8},
    {Dtype::kU64, "U64", 8},
};

const DtypeEntry& entry_of(Dtype dtype) {
  for (const DtypeEntry& entry : kDtypes) {
    if (entry.dtype == dtype)
      return entry;
  }
  throw Error(ErrorCode::kInternal, "expected a dtype of the format");
}

}  // namespace

const char* dtype_name(Dtype dtype) { return entry_of(dtype).name; }

std::size_t dtype_size(Dtype dtype) { return entry_of(dtype).size; }

std::optional<Dtype> dtype_named(std::string_view name) {
  for (const DtypeEntry& entry : kDtypes) {
    if (name == entry.name)
      return entry.dtype;
  }
  return std::nullopt;
}

}  // namespace torchclassify
