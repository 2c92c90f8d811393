// SPDX-License-Identifier: LGPL-2.1-or-later
// What is in the parts of report.html, below their headings. Each is empty
// where the report has nothing for it; the report's fields must agree in their
// sizes: to_html() has checked it.
#pragma once

#include <string>

#include "torchclassify/train/report.h"

namespace torchclassify {

std::string summary_section(const Report& report);
std::string training_section(const Report& report);
std::string class_section(const Report& report);
std::string balance_section(const Report& report);
std::string confusion_section(const Report& report);
std::string curve_section(const Report& report);
std::string confidence_section(const Report& report);
std::string mistake_section(const Report& report);
std::string problem_section(const Report& report);

}  // namespace torchclassify
