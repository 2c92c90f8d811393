// SPDX-License-Identifier: LGPL-2.1-or-later
// A report as a training makes it, of invented answers.
#pragma once

#include "torchclassify/train/report.h"

namespace support {

// Every part of a report has something in it. Classes are uneven in size and
// named by hostile texts among others; classes is at least 2.
torchclassify::Report sample_report(std::size_t classes);

}  // namespace support
