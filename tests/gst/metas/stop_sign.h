// SPDX-License-Identifier: LGPL-2.1-or-later
// A result to put on frames and objects.
#pragma once

#include "metas/objects.h"

namespace support {

// Its label first, then the runner-up.
inline torchclassify::Classified stop_sign() {
  return {.model = "signs",
          .label = "Stop",
          .label_id = 14,
          .confidence = 0.75,
          .top = {{"Stop", 0.75}, {"Yield", 0.25}}};
}

}  // namespace support
