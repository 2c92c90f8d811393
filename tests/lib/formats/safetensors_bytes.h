// SPDX-License-Identifier: LGPL-2.1-or-later
// Safetensors files as strings, well-formed or not.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace support {

// Eight bytes of length, the header, then zeros or other data. The length may
// lie.
inline std::string safetensors_bytes(const std::string& header,
                                     const std::string& data,
                                     std::uint64_t length) {
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

inline std::string safetensors_bytes(const std::string& header,
                                     const std::string& data) {
  return safetensors_bytes(header, data, header.size());
}

}  // namespace support
