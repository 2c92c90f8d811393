// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of a SHA-256 that file names carry.
#pragma once

#include <filesystem>
#include <string>

namespace torchclassify {

// The digits of a name as torch.hub and timm give them to weights: NAME-DIGITS
// with 8 or more hex digits before .pth, .th, .pt, .bin or .safetensors. Empty
// if there are none, or if they read as a date (20240131).
std::string sha256_prefix_in_name(const std::string& file_name);

// Throws Error kBadData unless the file's SHA-256 begins with what its name
// carries, if anything, or as digest_of_file().
void check_sha256_in_name(const std::filesystem::path& path);

}  // namespace torchclassify
