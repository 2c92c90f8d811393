// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine_loader.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

namespace fs = std::filesystem;

constexpr char kLibraryName[] = "libtorchclassify.so.0";
using OpenFunction = Classifier* (*)(const ClassifierOptions&);

fs::path plugin_folder() {
  Dl_info info{};
  if (!dladdr(reinterpret_cast<void*>(&plugin_folder), &info))
    return {};
  std::error_code ignored;
  const fs::path plugin = fs::absolute(info.dli_fname, ignored);
  return ignored ? fs::path() : plugin.parent_path();
}

// Null if the library cannot be opened; the reason is appended.
OpenFunction open_function(const std::string& path, std::string& reasons) {
  // Never dlclose()d: the library registers static state with LibTorch.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library ? dlsym(library, kOpenSymbol) : nullptr;
  if (symbol)
    return reinterpret_cast<OpenFunction>(symbol);
  const char* const reason = dlerror();
  reasons += (reasons.empty() ? "" : "; ");
  reasons += reason ? reason : path;
  return nullptr;
}

OpenFunction find_open_function() {
  std::string reasons;
  for (const std::string& path : engine_library_paths()) {
    if (const OpenFunction open = open_function(path, reasons))
      return open;
  }
  throw Error(
      ErrorCode::kDeviceUnavailable,
      "expected the engine library " + std::string(kLibraryName) +
          " (TORCHCLASSIFY_LIBRARY names another place), got: " + reasons);
}

}  // namespace

std::vector<std::string> engine_library_paths() {
  if (const char* path = std::getenv("TORCHCLASSIFY_LIBRARY"))
    return {fs::absolute(path).string()};
  std::vector<std::string> paths;
  if (const fs::path folder = plugin_folder(); !folder.empty()) {
    paths.push_back((folder / kLibraryName).string());
    paths.push_back((folder.parent_path() / kLibraryName).string());
    paths.push_back((folder.parent_path() / "lib" / kLibraryName).string());
  }
  paths.push_back(std::string(TORCHCLASSIFY_LIBDIR) + "/" + kLibraryName);
  return paths;
}

OpenModel load_model(const ClassifierOptions& options) {
  static std::atomic<std::uint64_t> opened{0};
  if (options.model_file.empty())
    throw Error(ErrorCode::kNotFound,
                "expected the property model-file to name a model bundle, got "
                "none");
  const OpenFunction open = find_open_function();
  OpenModel model{
      .classifier = std::unique_ptr<Classifier>(open(options)),
      .serial = ++opened,
      .name = fs::path(options.model_file).stem(),
      .file = options.model_file,
      .batch_timeout_ns = options.batch_timeout_ns,
  };
  const Statistics statistics = model.classifier->statistics();
  model.batches = std::max(1, statistics.workers);
  model.batch_size = std::max(1, statistics.batch_size);
  return model;
}

}  // namespace torchclassify
