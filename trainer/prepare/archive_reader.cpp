// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prepare/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include "data/file_tree.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kPiece = 1 << 18;  // bytes read or written at a time

ArchiveHandle new_reader() {
  ArchiveHandle reader = new_tar_reader();
  archive_read_support_format_zip(reader.get());
  return reader;
}

void require_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    throw Error(ErrorCode::kNotFound,
                "expected an archive, found nothing: " + path.string());
  if (!fs::is_regular_file(status))
    throw Error(ErrorCode::kCannotRead,
                "expected an archive, got no regular file: " + path.string());
}

[[noreturn]] void refuse_write(const char* what, const fs::path& path) {
  throw Error(
      ErrorCode::kCannotWrite,
      std::string(what) + ": " + std::strerror(errno) + ": " + path.string());
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Removed again unless it was renamed.
struct RemoveFile {
  ~RemoveFile() { std::remove(path.c_str()); }

  const fs::path& path;
};

}  // namespace

// What libarchive reads an archive in an archive from.
struct ArchiveReader::Nested {
  ArchiveReader& outer;
  std::vector<char> piece;
  std::exception_ptr failure;  // of outer, below libarchive's C

  static la_ssize_t on_read(archive* reader, void* self, const void** bytes) {
    auto& nested = *static_cast<Nested*>(self);
    try {
      *bytes = nested.piece.data();
      return static_cast<la_ssize_t>(
          nested.outer.read(nested.piece.data(), nested.piece.size()));
    } catch (const std::exception&) {
      nested.failure = std::current_exception();
      archive_set_error(reader, EIO, "the archive around it is damaged");
      return -1;
    }
  }
};

ArchiveReader::ArchiveReader(const fs::path& path)
    : origin_(path.string()), reader_(new_reader()) {
  require_file(path);
  check(archive_read_open_filename(reader_.get(), path.c_str(), kPiece));
}

ArchiveReader::ArchiveReader(ArchiveReader& outer)
    : origin_(outer.origin() + "/" + outer.name()),
      nested_(new Nested{outer, std::vector<char>(kPiece), {}}),
      reader_(new_reader()) {
  check(archive_read_open(reader_.get(), nested_.get(), nullptr,
                          Nested::on_read, nullptr));
}

ArchiveReader::~ArchiveReader() = default;

void ArchiveReader::refuse(const std::string& got) const {
  throw Error(ErrorCode::kBadData, "expected a whole tar or zip archive, got " +
                                       got + ": " + origin_);
}

void ArchiveReader::check(int code) const {
  if (nested_ && nested_->failure)
    std::rethrow_exception(nested_->failure);
  if (code >= ARCHIVE_WARN)  // such as a name in an unknown character set
    return;
  const char* reason = archive_error_string(reader_.get());
  refuse(std::string("one with \"") + (reason ? reason : "no reason") + "\"");
}

bool ArchiveReader::next() {
  archive_entry* entry = nullptr;
  do {
    const int code = archive_read_next_header(reader_.get(), &entry);
    if (code == ARCHIVE_EOF)
      return false;
    check(code);
  } while (archive_entry_filetype(entry) == AE_IFDIR);
  const char* name = archive_entry_pathname(entry);
  name_ = name ? name : "";
  if (archive_entry_filetype(entry) != AE_IFREG ||
      archive_entry_hardlink(entry))
    refuse("a link or a device in it (" + name_ + ")");
  if (archive_entry_is_encrypted(entry))
    refuse("an encrypted one");
  size_.reset();
  if (archive_entry_size_is_set(entry))
    size_ = static_cast<std::uint64_t>(archive_entry_size(entry));
  return true;
}

std::size_t ArchiveReader::read(void* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const la_ssize_t got = archive_read_data(
        reader_.get(), static_cast<char*>(bytes) + done, size - done);
    if (got < 0)
      check(static_cast<int>(got));
    if (got <= 0)
      break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// Not synced: that would take hours for a million files. After a crash a file
// may be there with too few bytes, which the next run finds by its size.
bool unpack_file(ArchiveReader& member, const fs::path& path) {
  std::error_code error;
  if (member.size() && fs::is_regular_file(path, error) &&
      fs::file_size(path, error) == *member.size())
    return false;
  fs::path partial = path;
  partial += ".partial";
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(partial.c_str(), "we"));
  if (!file)
    refuse_write("cannot create the file", partial);
  const RemoveFile remove{partial};
  std::vector<char> piece(kPiece);
  std::uint64_t written = 0;
  while (const std::size_t size = member.read(piece.data(), piece.size())) {
    if (std::fwrite(piece.data(), 1, size, file.get()) != size)
      refuse_write("cannot write the file", partial);
    written += size;
  }
  if (member.size() && written != *member.size())
    throw Error(ErrorCode::kBadData,
                "expected " + std::to_string(*member.size()) + " bytes, got " +
                    std::to_string(written) + " of " + member.name() + ": " +
                    member.origin());
  if (std::fclose(file.release()) != 0)
    refuse_write("cannot write the file", partial);
  if (std::rename(partial.c_str(), path.c_str()) != 0)
    refuse_write("cannot put the file in its place", path);
  return true;
}

fs::path path_inside(const fs::path& folder, const std::string& member,
                     const std::string& origin) {
  const auto inside = inside_path(member);
  if (!inside)
    throw Error(ErrorCode::kBadData,
                "expected names inside the archive's folder, got \"" + member +
                    "\": " + origin);
  if (inside->empty())
    throw Error(ErrorCode::kBadData,
                "expected files with names, got one without: " + origin);
  return folder / *inside;
}

}  // namespace torchclassify
