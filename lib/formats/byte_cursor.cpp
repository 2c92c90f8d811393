// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/byte_cursor.h"

#include "torchclassify/error.h"

namespace torchclassify {

void ByteCursor::refuse_end(std::uint64_t count) const {
  throw Error(ErrorCode::kBadData, "expected " + std::to_string(count) +
                                       " more bytes of the archive or pickle, "
                                       "got the end after " +
                                       std::to_string(remaining()) + ": " +
                                       origin_);
}

}  // namespace torchclassify
