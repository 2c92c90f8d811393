// SPDX-License-Identifier: LGPL-2.1-or-later
// Pickles as strings, well-formed or not, put together from their opcodes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace support {

// Least byte first.
inline std::string little(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i, value >>= 8)
    bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

inline std::string pickle(const std::string& body, int protocol = 2) {
  return "\x80" + little(static_cast<std::uint64_t>(protocol), 1) + body + ".";
}

inline std::string text(const std::string& value) {
  return "X" + little(value.size(), 4) + value;
}

inline std::string integer(std::int64_t value) {
  return "\x8a\x08" + little(static_cast<std::uint64_t>(value), 8);
}

inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

inline std::string joined(const std::vector<std::string>& items) {
  std::string all;
  for (const std::string& item : items) all += item;
  return all;
}

inline std::string tuple(const std::vector<std::string>& items) {
  return "(" + joined(items) + "t";
}

inline std::string integers(std::initializer_list<std::int64_t> values) {
  std::string items;
  for (const std::int64_t value : values) items += integer(value);
  return "(" + items + "t";
}

inline std::string list(const std::vector<std::string>& items) {
  return "](" + joined(items) + "e";
}

inline std::string dict(
    const std::vector<std::pair<std::string, std::string>>& items) {
  std::string all;
  for (const auto& [key, value] : items) all += text(key) + value;
  return "}(" + all + "u";
}

inline std::string call(const std::string& callee,
                        const std::vector<std::string>& arguments) {
  return callee + tuple(arguments) + "R";
}

inline std::string ordered_dict() {
  return global("collections", "OrderedDict") + ")R";
}

// What the pickle of torch.save() says of a storage.
inline std::string storage(const std::string& key, std::int64_t numel,
                           const std::string& type = "FloatStorage") {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"),
                integer(numel)}) +
         "Q";
}

// The same in a file before PyTorch 1.6; part: a tuple, or None.
inline std::string legacy_storage(const std::string& key, std::int64_t numel,
                                  const std::string& part = "N") {
  return tuple({text("storage"), global("torch", "FloatStorage"), text(key),
                text("cpu"), integer(numel), part}) +
         "Q";
}

inline std::string tensor(const std::string& storage, std::int64_t offset,
                          const std::string& shape,
                          const std::string& strides) {
  return call(
      global("torch._utils", "_rebuild_tensor_v2"),
      {storage, integer(offset), shape, strides, "\x89", ordered_dict()});
}

}  // namespace support
