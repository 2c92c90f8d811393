// SPDX-License-Identifier: LGPL-2.1-or-later
// Digests of files.
#pragma once

#include <filesystem>
#include <string>

namespace torchclassify {

// MD5 tells a damaged file from a whole one, but not a forged one: only for
// files of which nobody publishes a SHA-256.
enum class DigestKind { kSha256, kMd5 };

// "SHA-256" or "MD5".
const char* digest_name(DigestKind kind);

// Hex digits, lower-case: 64 or 32. Reads the file in pieces. Throws Error
// kNotFound or kCannotRead.
std::string digest_of_file(const std::filesystem::path& path, DigestKind kind);

// Whether there is a regular file whose digest begins with prefix. Throws as
// above where there is a file that cannot be read.
bool has_digest(const std::filesystem::path& path, DigestKind kind,
                const std::string& prefix);

}  // namespace torchclassify
