// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a safetensors file, and as an index of several.
#include "formats/safetensors.h"
#include "formats/sharded_safetensors.h"
#include "target.h"

using namespace torchclassify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto bytes = fuzz::bytes_of(data, size);
  // An index is text; a safetensors file's first bytes are a small number.
  if (size > 0 && data[0] == '{')
    return fuzz::run([&] { parse_shard_index(bytes, fuzz::kOrigin); });
  return fuzz::run(
      [&] { fuzz::touch(parse_safetensors(bytes, fuzz::kOrigin).tensors); });
}
