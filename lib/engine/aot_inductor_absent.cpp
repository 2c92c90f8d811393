// SPDX-License-Identifier: LGPL-2.1-or-later
// In place of aot_inductor.cpp where LibTorch runs no packages.
#include "engine/aot_inductor.h"
#include "engine/aot_package.h"
#include "torchclassify/error.h"

namespace torchclassify {

std::unique_ptr<CodeModel> open_aot_inductor(const NetworkOptions& options) {
  read_aot_package(options.model_file);  // what is broken is said to be
  throw Error(ErrorCode::kUnsupported,
              "expected a LibTorch that runs AOTInductor packages, got one "
              "without AOTIModelPackageLoader: " +
                  options.model_file);
}

}  // namespace torchclassify
