// SPDX-License-Identifier: LGPL-2.1-or-later
// Base64 of RFC 4648, for data: addresses.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace torchclassify {

// With padding, without line breaks.
std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace torchclassify
