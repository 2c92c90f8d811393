// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a zip archive is of weights or of code that is executed.
#pragma once

#include "formats/zip_archive.h"

namespace torchclassify {

enum class ArchiveCode {
  kNone,
  kTorchScript,  // torch.jit.save()'s
  kPackage,      // a .pt2 file's, of torch.export or AOTInductor
};

// By the entries' names.
ArchiveCode code_in(const ZipArchive& archive);

}  // namespace torchclassify
