// SPDX-License-Identifier: LGPL-2.1-or-later
// libarchive's reader, with what is safe to read switched on.
#pragma once

#include <memory>

struct archive;

namespace torchclassify {

struct ArchiveFree {
  void operator()(archive* reader) const;
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveFree>;

// For tar files, with any compression that is part of libarchive: others would
// run programs.
ArchiveHandle new_tar_reader();

}  // namespace torchclassify
