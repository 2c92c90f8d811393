// SPDX-License-Identifier: LGPL-2.1-or-later
// Format: PKWARE's APPNOTE.TXT 6.3, parts 4.3.14 to 4.3.16.
#include "formats/zip_directory.h"

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kEndSize = 22;        // bytes, without the comment
constexpr std::size_t kLocator64Size = 20;  // bytes
constexpr std::size_t kEntrySize = 46;      // bytes, without name and extras
constexpr std::size_t kMaxComment = 0xFFFF;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // "look into the zip64 twin"
constexpr std::uint16_t kCountIn64 = 0xFFFF;

// Whether a field of a record says what its 64-bit twin says, or nothing.
bool agree(std::uint64_t field, std::uint64_t twin, std::uint64_t in64) {
  return field == twin || field == in64;
}

// Reads one archive's end; every complaint names the file.
class EndReader {
 public:
  EndReader(std::span<const std::byte> bytes, const std::string& origin)
      : bytes_(bytes), origin_(origin) {}

  ZipDirectory read() const;

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code, message + ": " + origin_);
  }

  ByteCursor part(std::uint64_t offset, std::uint64_t size) const {
    return zip_part(bytes_, offset, size, origin_);
  }

  std::size_t find_end() const;
  ZipDirectory read_end(std::size_t end) const;
  ZipDirectory read_end64(std::size_t locator_at) const;
  void check_one_piece(std::uint64_t disk, std::uint64_t here,
                       std::uint64_t count) const;
  void check_directory(const ZipDirectory& directory, std::uint64_t end) const;

  const std::span<const std::byte> bytes_;
  const std::string& origin_;
};

// The end record is the last thing but for a comment, which it measures.
std::size_t EndReader::find_end() const {
  for (std::size_t comment = 0;
       comment <= kMaxComment && kEndSize + comment <= bytes_.size();
       ++comment) {
    const std::size_t at = bytes_.size() - kEndSize - comment;
    ByteCursor cursor(bytes_.subspan(at), origin_);
    if (cursor.number<std::uint32_t>() != kEndSignature)
      continue;
    cursor.take(16);
    if (cursor.number<std::uint16_t>() == comment)
      return at;
  }
  refuse("expected a zip archive with its directory at the end, got none");
}

ZipDirectory EndReader::read() const {
  const std::size_t end = find_end();
  const ZipDirectory directory = read_end(end);
  const bool has64 = end >= kLocator64Size &&
                     part(end - kLocator64Size, 4).number<std::uint32_t>() ==
                         kLocator64Signature;
  if (!has64) {
    check_directory(directory, end);
    return directory;
  }
  const ZipDirectory directory64 = read_end64(end - kLocator64Size);
  if (!agree(directory.count, directory64.count, kCountIn64) ||
      !agree(directory.size, directory64.size, kIn64) ||
      !agree(directory.offset, directory64.offset, kIn64))
    refuse("expected the two end records of a zip archive to agree");
  return directory64;
}

ZipDirectory EndReader::read_end(std::size_t end) const {
  ByteCursor cursor = part(end + 4, kEndSize - 4);
  const auto disk = cursor.number<std::uint32_t>();  // this and the directory's
  const auto here = cursor.number<std::uint16_t>();
  ZipDirectory directory;
  directory.count = cursor.number<std::uint16_t>();
  directory.size = cursor.number<std::uint32_t>();
  directory.offset = cursor.number<std::uint32_t>();
  check_one_piece(disk, here, directory.count);
  return directory;
}

ZipDirectory EndReader::read_end64(std::size_t locator_at) const {
  ByteCursor locator = part(locator_at + 4, kLocator64Size - 4);
  locator.take(4);  // disk
  const auto start = locator.number<std::uint64_t>();
  if (start > locator_at)
    refuse("expected the zip64 end record before its locator");
  ByteCursor cursor = part(start, locator_at - start);
  const bool is_record = cursor.number<std::uint32_t>() == kEnd64Signature;
  const auto record_size = cursor.number<std::uint64_t>();
  if (!is_record || record_size != cursor.remaining())
    refuse("expected a zip64 end record up to its locator");
  cursor.take(4);  // versions
  const auto disk = cursor.number<std::uint64_t>();
  const auto here = cursor.number<std::uint64_t>();
  ZipDirectory directory;
  directory.count = cursor.number<std::uint64_t>();
  directory.size = cursor.number<std::uint64_t>();
  directory.offset = cursor.number<std::uint64_t>();
  check_one_piece(disk, here, directory.count);
  check_directory(directory, start);
  return directory;
}

void EndReader::check_one_piece(std::uint64_t disk, std::uint64_t here,
                                std::uint64_t count) const {
  if (disk != 0 || here != count)
    refuse("expected a zip archive in one piece", ErrorCode::kUnsupported);
}

void EndReader::check_directory(const ZipDirectory& directory,
                                std::uint64_t end) const {
  part(directory.offset, directory.size);
  if (directory.offset + directory.size != end ||
      directory.count > directory.size / kEntrySize)
    refuse("expected a zip directory of " + std::to_string(directory.count) +
           " entries up to its end record, got " +
           std::to_string(directory.size) + " bytes at byte " +
           std::to_string(directory.offset));
}

}  // namespace

ZipDirectory find_zip_directory(std::span<const std::byte> archive,
                                const std::string& origin) {
  return EndReader(archive, origin).read();
}

ByteCursor zip_part(std::span<const std::byte> archive, std::uint64_t offset,
                    std::uint64_t size, const std::string& origin) {
  if (offset > archive.size() || size > archive.size() - offset)
    throw Error(ErrorCode::kBadData,
                "expected the parts of a zip archive within its " +
                    std::to_string(archive.size()) + " bytes, got one of " +
                    std::to_string(size) + " at byte " +
                    std::to_string(offset) + ": " + origin);
  return ByteCursor(archive.subspan(static_cast<std::size_t>(offset),
                                    static_cast<std::size_t>(size)),
                    origin);
}

}  // namespace torchclassify
