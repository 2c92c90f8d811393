// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads a stranger's bytes front to back, and never past their end.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace torchclassify {

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class ByteCursor {
 public:
  // The bytes must outlive the cursor, and so must origin, the file's name.
  ByteCursor(std::span<const std::byte> bytes, const std::string& origin)
      : bytes_(bytes), origin_(origin) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  // Both throw Error kBadData where the bytes end before.
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > remaining())
      refuse_end(count);
    const auto taken =
        bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  template <std::unsigned_integral Number>
  Number number() {  // least byte first
    Number value = 0;
    int shift = 0;
    for (const std::byte byte : take(sizeof(Number))) {
      value =
          static_cast<Number>(value | std::to_integer<Number>(byte) << shift);
      shift += 8;
    }
    return value;
  }

 private:
  [[noreturn]] void refuse_end(std::uint64_t count) const;

  const std::span<const std::byte> bytes_;
  const std::string& origin_;
  std::size_t position_ = 0;
};

}  // namespace torchclassify
