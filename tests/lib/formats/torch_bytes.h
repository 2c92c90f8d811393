// SPDX-License-Identifier: LGPL-2.1-or-later
// Files of torch.save() as strings, well-formed or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/formats/pickle_bytes.h"
#include "lib/formats/zip_bytes.h"

namespace support {

struct StorageBytes {
  std::string key;
  std::string data;
};

// object: the body of a pickle. others: more members of the archive.
inline std::string torch_zip(const std::string& object,
                             const std::vector<StorageBytes>& storages,
                             const std::vector<ZipMember>& others = {}) {
  std::vector<ZipMember> members{{"model/data.pkl", pickle(object)}};
  for (const auto& [key, data] : storages)
    members.push_back({"model/data/" + key, data});
  members.insert(members.end(), others.begin(), others.end());
  return zip_bytes(members);
}

// The pickles before the object's.
inline std::string legacy_magic() {
  return pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
}

inline std::string legacy_system(bool little_endian = true) {
  return pickle(dict({{"protocol_version", "M\xE9\x03"},
                      {"little_endian", little_endian ? "\x88" : "\x89"}}));
}

inline std::string legacy_head() {
  return legacy_magic() + pickle("M\xE9\x03") + legacy_system();
}

// The list of keys, then each storage of floats with its count.
inline std::string legacy_tail(const std::vector<StorageBytes>& storages) {
  std::vector<std::string> keys;
  std::string bytes;
  for (const auto& [key, data] : storages) {
    keys.push_back(text(key));
    bytes += little(data.size() / sizeof(float), 8) + data;
  }
  return pickle(list(keys)) + bytes;
}

inline std::string torch_legacy(const std::string& object,
                                const std::vector<StorageBytes>& storages) {
  return legacy_head() + pickle(object) + legacy_tail(storages);
}

}  // namespace support
