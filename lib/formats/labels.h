// SPDX-License-Identifier: LGPL-2.1-or-later
// Files of class names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace torchclassify {

// Reads class names, in the order of the logits, from any of: one name a line
// (LF or CRLF, optional UTF-8 byte order mark, trailing empty lines ignored),
// "index name" lines (if every line begins with a number and one of them with
// 0; in any order), a JSON list of names, or torchvision's
// imagenet_class_index.json
// ({"0": ["n01440764", "tench"], ...}).
//
// Throws Error kNotFound, kCannotRead, or kBadData (not UTF-8, empty, a gap in
// the numbers, one twice, over 16 MiB), naming the path.
std::vector<std::string> read_labels(const std::filesystem::path& path);

// As above, and throws kBadData unless there are exactly count names.
std::vector<std::string> read_labels(const std::filesystem::path& path,
                                     std::size_t count);

}  // namespace torchclassify
