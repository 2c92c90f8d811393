// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/archive_handle.h"

#include <archive.h>

namespace torchclassify {

void ArchiveFree::operator()(archive* reader) const {
  archive_read_free(reader);
}

ArchiveHandle new_tar_reader() {
  ArchiveHandle reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  return reader;
}

}  // namespace torchclassify
