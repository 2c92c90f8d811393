// SPDX-License-Identifier: LGPL-2.1-or-later
// The two layouts of torch.save(): a pickled object and the storages beside it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "formats/pickle.h"
#include "formats/torch_storages.h"

namespace torchclassify {

// Both parts refer to the file's bytes.
struct TorchContent {
  Pickle object;
  TorchStorages storages;
};

// A zip archive: NAME/data.pkl, NAME/data/KEY and so on. Throws Error as
// ZipArchive and parse_pickle() do; kUnsupported for the archives of
// TorchScript and torch.export, which hold code.
TorchContent read_torch_zip(std::span<const std::byte> bytes,
                            const std::string& origin);

// Whether the bytes begin like a pickle of protocol 2 or more, or like the
// magic number in an older one, and not like a safetensors file.
bool begins_like_legacy(std::span<const std::byte> bytes);

// Four pickles, the last one the object, then one of the storages' keys, then
// the storages. Throws Error as parse_pickle() does, and kBadData.
TorchContent read_torch_legacy(std::span<const std::byte> bytes,
                               const std::string& origin);

}  // namespace torchclassify
