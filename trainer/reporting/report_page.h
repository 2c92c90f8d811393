// SPDX-License-Identifier: LGPL-2.1-or-later
// What report.html looks like and how it reacts: the same for every report.
#pragma once

namespace torchclassify {

extern const char kReportStyle[];   // CSS
extern const char kReportScript[];  // JavaScript; the page is whole without it

}  // namespace torchclassify
