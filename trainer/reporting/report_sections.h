// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of report.html. Each is empty where the report has nothing for it;
// the report's fields must agree in their sizes: to_html() has checked it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

// Pictures that the metrics were measured on.
std::int64_t picture_count(const Report& report);

// The classes with the most training pictures first, or without those the ones
// with the largest support; equal ones by ids.
std::vector<std::size_t> classes_by_size(const Report& report);

}  // namespace torchclassify
