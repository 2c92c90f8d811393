// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/crc32c.h"

#include <array>

namespace torchclassify {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // its bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit)
      rest = rest & 1 ? rest >> 1 ^ kPolynomial : rest >> 1;
    table[i] = rest;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t rest = ~std::uint32_t{0};
  for (const char c : bytes)
    rest = rest >> 8 ^ kTable[(rest ^ static_cast<unsigned char>(c)) & 255];
  return ~rest;
}

}  // namespace torchclassify
