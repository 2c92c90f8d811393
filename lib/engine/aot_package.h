// SPDX-License-Identifier: LGPL-2.1-or-later
// What an AOTInductor package (.pt2) says of itself, read without loading it.
#pragma once

#include <string>
#include <vector>

#include "engine/aot_source.h"

namespace torchclassify {

struct AotPackage {
  std::string model_name;        // its folder in the package
  std::string device = "cpu";    // that it was compiled for: "cpu", "cuda"
  std::vector<std::string> isa;  // what its processor must have, "AVX512"
  std::string description;       // a bundle's JSON; empty: there is none
  AotSource source;
};

// Throws Error naming the file: as ZipArchive; kUnsupported for a package
// without compiled code, or with that of several models.
AotPackage read_aot_package(const std::string& model_file);

// The first of isa that this machine's processor lacks; empty: none.
std::string missing_isa(const std::vector<std::string>& isa);

}  // namespace torchclassify
