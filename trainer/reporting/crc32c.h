// SPDX-License-Identifier: LGPL-2.1-or-later
// CRC-32C (Castagnoli), which zlib does not have.
#pragma once

#include <cstdint>
#include <string_view>

namespace torchclassify {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace torchclassify
