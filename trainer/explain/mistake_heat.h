// SPDX-License-Identifier: LGPL-2.1-or-later
// Heat maps for a report's mistakes.
#pragma once

#include "measures/mistakes.h"
#include "torchclassify/train/explain.h"

namespace torchclassify {

// The whole picture under the map of the class; uses explainer, which must
// outlive it.
HeatMapper heat_mapper(Explainer& explainer);

}  // namespace torchclassify
