// SPDX-License-Identifier: LGPL-2.1-or-later
// How much memory a call takes: linking this counts all that passes through
// operator new.
#pragma once

#include <cstddef>

namespace support {

// Bytes in use now, mapped files apart.
std::size_t live_bytes();
// The most there were since the last start_peak().
std::size_t peak_bytes();
void start_peak();

}  // namespace support
