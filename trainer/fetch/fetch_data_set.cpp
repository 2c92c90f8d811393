// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/fetch_data_set.h"

#include "fetch/digest.h"
#include "fetch/download.h"
#include "fetch/progress_printer.h"
#include "formats/atomic_file.h"
#include "prepare/archive_reader.h"
#include "printing.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

bool is_there(const DataSetFile& file, const fs::path& path) {
  return file.sha256.empty()
             ? has_digest(path, DigestKind::kMd5, file.md5)
             : has_digest(path, DigestKind::kSha256, file.sha256);
}

void say(const std::string& text) {
  print(text + "\n");
  finish_printing();
}

void fetch_file(const std::string& url, const DataSetFile& file,
                const fs::path& path, bool show_progress) {
  const DownloadOptions how{.sha256_prefix = file.sha256,
                            .md5 = file.md5,
                            .max_bytes = file.max_bytes};
  if (!show_progress)
    return download(url, path, how);
  say("downloading " + url);
  download_with_progress(url, path, how);
}

// Returns the number of files that were not there.
std::size_t unpack(const fs::path& archive, const fs::path& folder) {
  ArchiveReader reader(archive);
  fs::path made;
  std::size_t written = 0;
  while (reader.next()) {
    const fs::path path = path_inside(folder, reader.name(), archive.string());
    if (path.parent_path() != made)
      make_folder(path.parent_path());
    made = path.parent_path();
    written += unpack_file(reader, path);
  }
  return written;
}

}  // namespace

void fetch_data_set(const PublishedDataSet& set, const fs::path& folder,
                    const FetchDataSetOptions& options) {
  const std::string& base = options.mirror.empty() ? set.url : options.mirror;
  make_folder(folder);
  if (options.show_progress)
    say(set.name + ": " + set.terms);
  for (const DataSetFile& file : set.files) {
    const fs::path path = folder / file.name;
    if (!is_there(file, path))
      fetch_file(address_below(base, file.name), file, path,
                 options.show_progress);
    else if (options.show_progress)
      say("already there: " + path.string());
  }
  for (const DataSetFile& file : set.files) {
    if (file.unpack_into.empty())
      continue;
    const std::size_t written =
        unpack(folder / file.name, folder / file.unpack_into);
    if (options.show_progress)
      say("unpacked " + std::to_string(written) + " files of " + file.name);
  }
}

}  // namespace torchclassify
