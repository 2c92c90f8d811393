// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as an archive, and as what torch.save() writes into one.
#include "formats/torch_file.h"
#include "formats/zip_archive.h"
#include "target.h"

using namespace torchclassify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto bytes = fuzz::bytes_of(data, size);
  return fuzz::run([&] {
    const ZipArchive archive(bytes, fuzz::kOrigin);
    for (const auto& [name, entry] : archive.entries()) {
      fuzz::touch(entry.data);
      checksum_fits(entry);
    }
    fuzz::touch(parse_torch_file(bytes, fuzz::kOrigin).tensors);
  });
}
