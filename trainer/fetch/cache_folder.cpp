// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/cache_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// The value of an environment variable, if it is an absolute path.
fs::path folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path path = value ? value : "";
  return path.is_absolute() ? path : fs::path();
}

}  // namespace

fs::path weights_cache_folder() {
  fs::path cache = folder_from("XDG_CACHE_HOME");
  if (cache.empty()) {
    const fs::path home = folder_from("HOME");
    if (home.empty())
      throw Error(ErrorCode::kCannotWrite,
                  "expected a folder for downloads in XDG_CACHE_HOME or HOME, "
                  "got none");
    cache = home / ".cache";
  }
  return cache / "torchclassify" / "weights";
}

void make_private_folder(const fs::path& path) {
  fs::path folder;
  for (const fs::path& part : path) {
    folder /= part;
    constexpr mode_t kOnlyUs = 0700;
    if (mkdir(folder.c_str(), kOnlyUs) == 0 || errno == EEXIST)
      continue;
    // A parent that is there may be in a file system that is read-only.
    const int error = errno;
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
      throw Error(ErrorCode::kCannotWrite,
                  std::string("cannot make the folder: ") +
                      std::strerror(error) + ": " + folder.string());
  }
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    throw Error(ErrorCode::kCannotWrite,
                "expected a folder, found something else: " + path.string());
}

}  // namespace torchclassify
