// SPDX-License-Identifier: LGPL-2.1-or-later
// What augmentation makes of pictures, to look at before training.
#pragma once

#include "settings/train_request.h"

namespace torchclassify {

// Writes request.preview: a row for each of a few pictures, evenly spread over
// the set; first as evaluation sees it, then as training does. Throws Error
// kCannotWrite, or what reading a picture throws.
void write_preview(const Dataset& training, const TrainRequest& request);

}  // namespace torchclassify
