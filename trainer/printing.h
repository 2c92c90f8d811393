// SPDX-License-Identifier: LGPL-2.1-or-later
// The program's answers on stdout.
#pragma once

#include <string>

namespace torchclassify {

// To stdout. Throws Error kCannotWrite.
void print(const std::string& text);
void finish_printing();

}  // namespace torchclassify
