// SPDX-License-Identifier: LGPL-2.1-or-later
#include "written_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>

#include "support/test_files.h"

namespace support {
namespace {
namespace fs = std::filesystem;

void write_member(archive* writer, const Member& member) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, member.path.c_str());
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_filetype(entry, AE_IFREG);
  if (member.kind == Member::Kind::kFolder)
    archive_entry_set_filetype(entry, AE_IFDIR);
  if (member.kind == Member::Kind::kLink) {
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, member.content.c_str());
  } else {
    archive_entry_set_size(entry,
                           static_cast<la_int64_t>(member.content.size()));
  }
  g_assert_cmpint(archive_write_header(writer, entry), ==, ARCHIVE_OK);
  if (member.kind == Member::Kind::kFile)
    g_assert_cmpint(archive_write_data(writer, member.content.data(),
                                       member.content.size()),
                    ==, static_cast<la_ssize_t>(member.content.size()));
  archive_entry_free(entry);
}

}  // namespace

void write_archive(const fs::path& path, const Members& members,
                   const ArchiveStyle& style) {
  archive* writer = archive_write_new();
  if (style.zip)
    archive_write_set_format_zip(writer);
  else
    archive_write_set_format_pax_restricted(writer);
  if (style.zip)
    archive_write_set_format_option(writer, "zip", "compression",
                                    style.compressed ? "deflate" : "store");
  else if (style.compressed)
    archive_write_add_filter_gzip(writer);
  if (style.password) {
    archive_write_set_options(writer, "zip:encryption=zipcrypt");
    archive_write_set_passphrase(writer, style.password);
  }
  g_assert_cmpint(archive_write_open_filename(writer, path.c_str()), ==,
                  ARCHIVE_OK);
  for (const Member& member : members) write_member(writer, member);
  g_assert_cmpint(archive_write_close(writer), ==, ARCHIVE_OK);
  archive_write_free(writer);
}

void write_archive(const fs::path& path, const Members& members) {
  const bool zip = path.extension() == ".zip";
  write_archive(path, members,
                {.zip = zip, .compressed = zip || path.extension() == ".gz"});
}

std::string tar_bytes(const Members& members) {
  const TemporaryFolder folder;
  write_archive(folder / "a.tar", members);
  return read_file(folder / "a.tar");
}

}  // namespace support
