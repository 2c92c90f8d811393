// SPDX-License-Identifier: LGPL-2.1-or-later
// Zip archives as strings, which a test can then break.
#pragma once

#include <glib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lib/formats/pickle_bytes.h"

namespace support {

inline constexpr char kLocalHeader[] = "PK\x03\x04";
inline constexpr char kCentralHeader[] = "PK\x01\x02";
inline constexpr char kEndRecord[] = "PK\x05\x06";
inline constexpr char kEnd64Record[] = "PK\x06\x06";
inline constexpr char kLocator64[] = "PK\x06\x07";

// Offsets of fields behind the signatures above, in bytes.
struct ZipField {
  const char* record;
  std::size_t offset;
  int size;  // bytes
};

inline constexpr ZipField kLocalFlags{kLocalHeader, 6, 2};
inline constexpr ZipField kLocalMethod{kLocalHeader, 8, 2};
inline constexpr ZipField kLocalSize{kLocalHeader, 22, 4};
inline constexpr ZipField kLocalNameSize{kLocalHeader, 26, 2};
inline constexpr ZipField kLocalExtraSize{kLocalHeader, 28, 2};
inline constexpr ZipField kCentralFlags{kCentralHeader, 8, 2};
inline constexpr ZipField kCentralMethod{kCentralHeader, 10, 2};
inline constexpr ZipField kCentralCrc{kCentralHeader, 16, 4};
inline constexpr ZipField kCentralPackedSize{kCentralHeader, 20, 4};
inline constexpr ZipField kCentralFullSize{kCentralHeader, 24, 4};
inline constexpr ZipField kCentralNameSize{kCentralHeader, 28, 2};
inline constexpr ZipField kCentralExtraSize{kCentralHeader, 30, 2};
inline constexpr ZipField kCentralDisk{kCentralHeader, 34, 2};
inline constexpr ZipField kCentralOffset{kCentralHeader, 42, 4};
inline constexpr ZipField kEndDisk{kEndRecord, 4, 2};
inline constexpr ZipField kEndCountHere{kEndRecord, 8, 2};
inline constexpr ZipField kEndCount{kEndRecord, 10, 2};
inline constexpr ZipField kEndSize{kEndRecord, 12, 4};
inline constexpr ZipField kEndOffset{kEndRecord, 16, 4};
inline constexpr ZipField kEndCommentSize{kEndRecord, 20, 2};
inline constexpr ZipField kEnd64Size{kEnd64Record, 4, 8};
inline constexpr ZipField kEnd64Count{kEnd64Record, 32, 8};
inline constexpr ZipField kEnd64Offset{kEnd64Record, 48, 8};
inline constexpr ZipField kLocatorOffset{kLocator64, 8, 8};

struct ZipMember {
  std::string name;
  std::string data;
};

// The checksum fields are 0, as PyTorch may leave them.
inline std::string zip_bytes(const std::vector<ZipMember>& members,
                             bool zip64 = false) {
  std::string bytes;
  std::string directory;
  for (const auto& [name, data] : members) {
    const std::string sizes = little(data.size(), 4) + little(data.size(), 4) +
                              little(name.size(), 2);
    const std::string kind = little(0, 2) + little(0, 2) + little(0, 8);
    directory += kCentralHeader + little(0, 4) + kind + sizes + little(0, 12) +
                 little(bytes.size(), 4) + name;
    bytes +=
        kLocalHeader + little(0, 2) + kind + sizes + little(0, 2) + name + data;
  }
  const std::size_t start = bytes.size();
  bytes += directory;
  const std::size_t end = bytes.size();
  if (zip64)
    bytes += kEnd64Record + little(44, 8) + little(0, 12) +
             little(members.size(), 8) + little(members.size(), 8) +
             little(directory.size(), 8) + little(start, 8) + kLocator64 +
             little(0, 4) + little(end, 8) + little(1, 4);
  const std::uint64_t count = zip64 ? 0xFFFF : members.size();
  return bytes + kEndRecord + little(0, 4) + little(count, 2) +
         little(count, 2) + little(zip64 ? 0xFFFFFFFF : directory.size(), 4) +
         little(zip64 ? 0xFFFFFFFF : start, 4) + little(0, 2);
}

// With another value in the field of the last such record.
inline std::string patched(std::string bytes, const ZipField& field,
                           std::uint64_t value) {
  const std::size_t at = bytes.rfind(field.record);
  g_assert_true(at != bytes.npos);
  return bytes.replace(at + field.offset, static_cast<std::size_t>(field.size),
                       little(value, field.size));
}

}  // namespace support
