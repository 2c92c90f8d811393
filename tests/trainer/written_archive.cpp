// SPDX-License-Identifier: LGPL-2.1-or-later
#include "written_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

#include "support/test_files.h"

namespace support {

void write_archive(const std::filesystem::path& path, const Members& members) {
  archive* const writer = archive_write_new();
  archive_write_set_format_filter_by_ext(writer, path.c_str());
  g_assert_cmpint(archive_write_open_filename(writer, path.c_str()), ==,
                  ARCHIVE_OK);
  for (const auto& [name, content] : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    g_assert_cmpint(archive_write_header(writer, entry), ==, ARCHIVE_OK);
    g_assert_cmpint(archive_write_data(writer, content.data(), content.size()),
                    ==, static_cast<la_ssize_t>(content.size()));
    archive_entry_free(entry);
  }
  g_assert_cmpint(archive_write_free(writer), ==, ARCHIVE_OK);
}

std::string tar_bytes(const Members& members) {
  const TemporaryFolder folder;
  write_archive(folder / "a.tar", members);
  return read_file(folder / "a.tar");
}

}  // namespace support
