// SPDX-License-Identifier: LGPL-2.1-or-later
// From which confidence on a class is reported, and until which.
#pragma once

#include <algorithm>

namespace torchclassify {

// A class that is reported stays so until it falls below this. Limited to half
// of the threshold, so that no hysteresis, however large, holds a label that
// the model has given up.
inline double leaving_level(double threshold, double hysteresis) {
  return threshold - std::min(hysteresis, threshold / 2);
}

}  // namespace torchclassify
