// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/model_kind.h"

#include "formats/archive_code.h"
#include "formats/mapped_file.h"
#include "formats/torch_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

const char* name_of(ModelKind kind) {
  return kind == ModelKind::kTorchScript ? "TorchScript"
                                         : "an AOTInductor package";
}

}  // namespace

ModelKind model_kind(const std::string& model_file) {
  const MappedFile file(model_file);
  if (sniff_torch_file(file.bytes()) != TorchFormat::kZip)
    return ModelKind::kBundle;
  switch (code_in(ZipArchive(file.bytes(), model_file))) {
    case ArchiveCode::kPackage:
      return ModelKind::kAotInductor;
    case ArchiveCode::kTorchScript:
      return ModelKind::kTorchScript;
    case ArchiveCode::kNone:
      break;
  }
  return ModelKind::kBundle;
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
