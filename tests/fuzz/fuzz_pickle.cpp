// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a pickle: alone ('p'), or as a legacy file that begins with one.
#include "formats/pickle.h"
#include "formats/torch_file.h"
#include "target.h"

using namespace torchclassify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  const auto bytes = fuzz::bytes_of(data + 1, size - 1);
  if (data[0] == 'p')
    return fuzz::run([&] { parse_pickle(bytes, fuzz::kOrigin); });
  return fuzz::run(
      [&] { fuzz::touch(parse_torch_file(bytes, fuzz::kOrigin).tensors); });
}
