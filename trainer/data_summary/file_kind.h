// SPDX-License-Identifier: LGPL-2.1-or-later
// What format and mode a picture file has, by its bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "data/picture_format.h"

namespace torchclassify {

struct FileKind {
  PictureFormat format = PictureFormat::kNone;
  // "grey", "RGB", "palette", "CMYK", ..., with "16-bit" where it is so; empty:
  // not known.
  std::string mode;
};

FileKind file_kind(std::span<const std::uint8_t> bytes);

}  // namespace torchclassify
