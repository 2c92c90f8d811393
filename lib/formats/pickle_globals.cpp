// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/pickle_globals.h"

namespace torchclassify {
namespace {

// What torch/_weights_only_unpickler.py allows, less what no classifier's
// weights have (sparse, quantized, nested and complex tensors, subclasses).
constexpr PickleGlobal kGlobals[] = {
    {"collections.OrderedDict", true},
    {"torch.Size", true},
    {"torch._utils._rebuild_parameter", true},
    {"torch._utils._rebuild_tensor", true},
    {"torch._utils._rebuild_tensor_v2", true},
    {"torch._utils._rebuild_tensor_v3", true},
    // Plain data beside the tensors, which nobody reads.
    {"__builtin__.set", true},
    {"_codecs.encode", true},
    {"builtins.set", true},
    {"torch.device", true},
    // Types of storages.
    {"torch.BFloat16Storage", false},
    {"torch.BoolStorage", false},
    {"torch.ByteStorage", false},
    {"torch.CharStorage", false},
    {"torch.DoubleStorage", false},
    {"torch.FloatStorage", false},
    {"torch.HalfStorage", false},
    {"torch.IntStorage", false},
    {"torch.LongStorage", false},
    {"torch.ShortStorage", false},
    {"torch.storage.UntypedStorage", false},
    // Types of elements.
    {"torch.bfloat16", false},
    {"torch.bool", false},
    {"torch.float16", false},
    {"torch.float32", false},
    {"torch.float64", false},
    {"torch.float8_e4m3fn", false},
    {"torch.float8_e5m2", false},
    {"torch.int16", false},
    {"torch.int32", false},
    {"torch.int64", false},
    {"torch.int8", false},
    {"torch.uint16", false},
    {"torch.uint32", false},
    {"torch.uint64", false},
    {"torch.uint8", false},
};

}  // namespace

const PickleGlobal* find_pickle_global(std::string_view name) {
  for (const PickleGlobal& global : kGlobals) {
    if (global.name == name)
      return &global;
  }
  return nullptr;
}

}  // namespace torchclassify
