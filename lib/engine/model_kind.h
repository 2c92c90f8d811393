// SPDX-License-Identifier: LGPL-2.1-or-later
// What opens a model file, told by its content.
#pragma once

#include <string>

namespace torchclassify {

enum class ModelKind {
  kBundle,       // or whatever else: its reader says what is wrong
  kTorchScript,  // torch.jit.save()'s archive
  kAotInductor,  // a .pt2 package
};

// Looks at the first bytes and, of a zip archive, at the names in it. Throws
// Error as MappedFile and ZipArchive do, naming the file.
ModelKind model_kind(const std::string& model_file);

// Throws Error kUnsupported, saying how to permit it, unless the kind is data
// or code is allowed.
void check_code_allowed(ModelKind kind, bool allow_code,
                        const std::string& model_file);

}  // namespace torchclassify
