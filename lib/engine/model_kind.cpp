// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/model_kind.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "formats/mapped_file.h"
#include "formats/zip_archive.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

bool is_zip(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              bytes.size());
  return text.starts_with("PK\x03\x04");
}

// Names are below a folder that is named after the file, in old .pt2 packages
// below none.
bool is_package_entry(std::string_view name) {
  return name == "archive_format" || name.ends_with("/archive_format") ||
         name.find("data/aotinductor/") != name.npos;
}

bool is_script_entry(std::string_view name) {
  return name.ends_with("/constants.pkl") || name.find("/code/") != name.npos;
}

const char* name_of(ModelKind kind) {
  return kind == ModelKind::kTorchScript ? "TorchScript"
                                         : "an AOTInductor package";
}

}  // namespace

ModelKind model_kind(const std::string& model_file) {
  const MappedFile file(model_file);
  if (!is_zip(file.bytes()))
    return ModelKind::kBundle;
  const ZipArchive archive(file.bytes(), model_file);
  const auto holds = [&archive](bool (*matches)(std::string_view)) {
    return std::any_of(
        archive.entries().begin(), archive.entries().end(),
        [matches](const auto& entry) { return matches(entry.first); });
  };
  if (holds(is_package_entry))
    return ModelKind::kAotInductor;
  return holds(is_script_entry) ? ModelKind::kTorchScript : ModelKind::kBundle;
}

void check_code_allowed(ModelKind kind, bool allow_code,
                        const std::string& model_file) {
  if (kind == ModelKind::kBundle || allow_code)
    return;
  throw Error(ErrorCode::kUnsupported,
              std::string("expected a model bundle, got ") + name_of(kind) +
                  ", which executes code of its own; allow-code=true "
                  "(--allow-code) permits that for a file you trust: " +
                  model_file);
}

}  // namespace torchclassify
