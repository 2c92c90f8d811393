// SPDX-License-Identifier: LGPL-2.1-or-later
// Models that the program torchclassify trains for the tests, in a second.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "subprocess.h"

namespace support {

// The program that was built; fails the test unless it succeeds.
Ended torchclassify(const std::vector<std::string>& words);

// A binary PPM of RGB pixels.
void write_ppm(const std::filesystem::path& path, int width, int height,
               const std::string& pixels);

// simple_cnn for 28x28 pixels in colour, squashed to that: the classes "dark"
// (0) and "light" (1), right with plain pictures and never quite sure. Made
// once a process.
const std::filesystem::path& shades_bundle();

}  // namespace support
