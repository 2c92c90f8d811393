// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/archive_code.h"

#include <algorithm>
#include <string_view>

namespace torchclassify {
namespace {

// Names are below a folder that is named after the file, in old .pt2 packages
// below none.
bool is_package_entry(std::string_view name) {
  return name == "archive_format" || name.ends_with("/archive_format") ||
         name.find("data/aotinductor/") != name.npos;
}

bool is_script_entry(std::string_view name) {
  return name.ends_with("/constants.pkl") || name.find("/code/") != name.npos;
}

}  // namespace

ArchiveCode code_in(const ZipArchive& archive) {
  const auto holds = [&archive](bool (*matches)(std::string_view)) {
    return std::any_of(
        archive.entries().begin(), archive.entries().end(),
        [matches](const auto& entry) { return matches(entry.first); });
  };
  if (holds(is_package_entry))
    return ArchiveCode::kPackage;
  return holds(is_script_entry) ? ArchiveCode::kTorchScript
                                : ArchiveCode::kNone;
}

}  // namespace torchclassify
