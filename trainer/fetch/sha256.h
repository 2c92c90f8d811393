// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-256 of files, and the part of it that file names carry.
#pragma once

#include <filesystem>
#include <string>

namespace torchclassify {

// 64 hex digits, lower-case. Reads the file in pieces. Throws Error kNotFound
// or kCannotRead.
std::string sha256_of_file(const std::filesystem::path& path);

// The digits of a name as torch.hub and timm give them to weights: NAME-DIGITS
// with 8 or more hex digits before .pth, .th, .pt, .bin or .safetensors. Empty
// if there are none, or if they read as a date (20240131).
std::string sha256_prefix_in_name(const std::string& file_name);

// Whether there is a regular file whose SHA-256 begins with prefix. Throws as
// above where there is a file that cannot be read.
bool has_sha256(const std::filesystem::path& path, const std::string& prefix);

// Throws Error kBadData unless the file's SHA-256 begins with prefix (hex
// digits, lower-case; empty: anything goes), or as sha256_of_file().
void check_sha256(const std::filesystem::path& path, const std::string& prefix);

// As above, if its name carries a prefix.
void check_sha256_in_name(const std::filesystem::path& path);

}  // namespace torchclassify
