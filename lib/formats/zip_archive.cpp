// SPDX-License-Identifier: LGPL-2.1-or-later
// Format: PKWARE's APPNOTE.TXT 6.3, parts 4.3 and 4.5.3.
#include "formats/zip_archive.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "formats/byte_cursor.h"
#include "formats/strict_json.h"
#include "formats/zip_directory.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // "look into the zip64 extra"
constexpr std::uint16_t kEncrypted = 1 << 0;
constexpr std::uint16_t kSizesBehindData = 1 << 3;

// What an entry's headers say: the central one, and the local one again.
struct Header {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t packed_size = 0;  // bytes
  std::uint64_t size = 0;         // bytes
  std::uint64_t offset = 0;       // bytes, of the local header
  std::string_view name;
};

bool leads_astray(std::string_view name) {
  if (name.empty() || name.front() == '/' ||
      name.find_first_of(std::string_view("\\:\0", 3)) != name.npos)
    return true;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part.empty() || part == "." || part == "..")
      return true;
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  return false;
}

// Reads one archive's entries; every complaint names the file.
class EntryReader {
 public:
  EntryReader(Bytes bytes, const std::string& origin)
      : bytes_(bytes), origin_(origin) {}

  ZipArchive::Entries read();

 private:
  using Range = std::pair<std::uint64_t, std::uint64_t>;

  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code, message + ": " + origin_);
  }

  void read_extra64(Bytes extra, Header& header) const;
  struct Sizes {
    std::uint16_t name = 0;   // bytes
    std::uint16_t extra = 0;  // bytes
  };
  static Sizes read_common(ByteCursor& cursor, Header& header);
  Header read_central(ByteCursor& cursor) const;
  Header read_local(ByteCursor& cursor) const;
  void check_kind(const Header& header) const;
  void check_agreement(const Header& central, const Header& local) const;
  std::pair<ZipEntry, Range> read_entry(const Header& central,
                                        std::uint64_t limit) const;
  void check_overlap(std::vector<Range> ranges) const;

  const Bytes bytes_;
  const std::string& origin_;
};

ZipArchive::Entries EntryReader::read() {
  const ZipDirectory directory = find_zip_directory(bytes_, origin_);
  ByteCursor cursor =
      zip_part(bytes_, directory.offset, directory.size, origin_);
  ZipArchive::Entries entries;
  std::vector<Range> ranges;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    const Header header = read_central(cursor);
    const auto [entry, range] = read_entry(header, directory.offset);
    if (!entries.emplace(header.name, entry).second)
      refuse("expected every name once in a zip archive, got twice " +
             quoted_text(header.name));
    ranges.push_back(range);
  }
  if (cursor.remaining() > 0)
    refuse("expected a zip directory of " + std::to_string(directory.count) +
           " entries, got more bytes behind them");
  check_overlap(std::move(ranges));
  return entries;
}

// Sizes and the offset that do not fit into 32 bits, in this order.
void EntryReader::read_extra64(Bytes extra, Header& header) const {
  ByteCursor fields(extra, origin_);
  while (fields.remaining() >= 4) {
    const auto id = fields.number<std::uint16_t>();
    const auto size = fields.number<std::uint16_t>();
    ByteCursor field(fields.take(size), origin_);
    if (id != 1)
      continue;
    for (std::uint64_t* value :
         {&header.size, &header.packed_size, &header.offset}) {
      if (*value == kIn64)
        *value = field.number<std::uint64_t>();
    }
    return;
  }
}

// What both kinds of header have in the same order.
EntryReader::Sizes EntryReader::read_common(ByteCursor& cursor,
                                            Header& header) {
  header.flags = cursor.number<std::uint16_t>();
  header.method = cursor.number<std::uint16_t>();
  cursor.take(4);  // time and date
  header.crc32 = cursor.number<std::uint32_t>();
  header.packed_size = cursor.number<std::uint32_t>();
  header.size = cursor.number<std::uint32_t>();
  const auto name = cursor.number<std::uint16_t>();
  const auto extra = cursor.number<std::uint16_t>();
  return {.name = name, .extra = extra};
}

Header EntryReader::read_central(ByteCursor& cursor) const {
  if (cursor.number<std::uint32_t>() != kCentralSignature)
    refuse("expected an entry of the zip directory, got something else");
  Header header;
  cursor.take(4);  // versions
  const Sizes sizes = read_common(cursor, header);
  const auto comment_size = cursor.number<std::uint16_t>();
  const auto disk = cursor.number<std::uint16_t>();
  cursor.take(6);  // attributes
  header.offset = cursor.number<std::uint32_t>();
  header.name = as_text(cursor.take(sizes.name));
  read_extra64(cursor.take(sizes.extra), header);
  cursor.take(comment_size);
  if (disk != 0)
    refuse("expected a zip archive in one piece, got another place for " +
               quoted_text(header.name),
           ErrorCode::kUnsupported);
  return header;
}

// Leaves the cursor at the data.
Header EntryReader::read_local(ByteCursor& cursor) const {
  if (cursor.number<std::uint32_t>() != kLocalSignature)
    refuse("expected a zip entry where the directory says, got something else");
  Header header;
  cursor.take(2);  // version
  const Sizes sizes = read_common(cursor, header);
  header.name = as_text(cursor.take(sizes.name));
  read_extra64(cursor.take(sizes.extra), header);
  return header;
}

void EntryReader::check_kind(const Header& header) const {
  if (leads_astray(header.name))
    refuse("expected plain names in a zip archive, got " +
           quoted_text(header.name));
  if (header.flags & kEncrypted)
    refuse("expected a zip archive without encryption, got it for " +
               quoted_text(header.name),
           ErrorCode::kUnsupported);
  if (header.method == 0 && header.packed_size != header.size)
    refuse(
        "expected one size for a zip entry without compression, got two for " +
        quoted_text(header.name));
}

void EntryReader::check_agreement(const Header& central,
                                  const Header& local) const {
  bool agree = central.name == local.name && central.method == local.method &&
               central.flags == local.flags;
  // PyTorch writes zeros here, and the sizes once more behind the data.
  if (!(local.flags & kSizesBehindData))
    agree = agree && central.crc32 == local.crc32 &&
            central.size == local.size &&
            central.packed_size == local.packed_size;
  if (!agree)
    refuse(
        "expected the two headers of a zip entry to agree, got a difference "
        "for " +
        quoted_text(central.name));
}

// limit: where the directory begins, and entries end.
std::pair<ZipEntry, EntryReader::Range> EntryReader::read_entry(
    const Header& central, std::uint64_t limit) const {
  check_kind(central);
  if (central.offset > limit)
    refuse("expected zip entries before the directory, got one behind for " +
           quoted_text(central.name));
  ByteCursor cursor =
      zip_part(bytes_, central.offset, limit - central.offset, origin_);
  check_agreement(central, read_local(cursor));
  const ZipEntry entry{.data = cursor.take(central.packed_size),
                       .crc32 = central.crc32,
                       .compressed = central.method != 0};
  return {entry, {central.offset, central.offset + cursor.position()}};
}

void EntryReader::check_overlap(std::vector<Range> ranges) const {
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second)
      refuse("expected zip entries without overlap, got one at byte " +
             std::to_string(ranges[i].first));
  }
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit)
      table[i] = (table[i] >> 1) ^ (table[i] & 1 ? 0xEDB88320u : 0);
  }
  return table;
}

}  // namespace

bool checksum_fits(const ZipEntry& entry) {
  static constexpr auto kTable = make_crc_table();
  if (entry.crc32 == 0)
    return true;  // written with torch.serialization.set_crc32_options(False)
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : entry.data)
    crc =
        (crc >> 8) ^ kTable[(crc ^ std::to_integer<std::uint8_t>(byte)) & 255];
  return ~crc == entry.crc32;
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes,
                       const std::string& origin)
    : entries_(EntryReader(bytes, origin).read()) {}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace torchclassify
