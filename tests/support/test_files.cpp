// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/test_files.h"

#include <glib.h>

#include <fstream>

namespace support {
namespace fs = std::filesystem;

fs::path test_file(const std::string& name) {
  const fs::path path =
      fs::path(TORCHCLASSIFY_SOURCE_ROOT) / "tests/data" / name;
  if (!fs::exists(path))
    g_error("the test's input %s is missing", path.c_str());
  return path;
}

fs::path real_data_or_skip(const std::string& name) {
  const char* folder = g_getenv("TORCHCLASSIFY_REAL_DATA");
  const fs::path path =
      (folder ? fs::path(folder)
              : fs::path(TORCHCLASSIFY_SOURCE_ROOT).parent_path() /
                    "shared/data") /
      name;
  if (fs::exists(path))
    return path;
  g_test_skip(("no real data at " + path.string()).c_str());
  return {};
}

TemporaryFolder::TemporaryFolder() {
  g_autoptr(GError) error = nullptr;
  g_autofree char* name = g_dir_make_tmp("torchclassify-XXXXXX", &error);
  g_assert_no_error(error);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    g_error("expected a file at %s, found none", path.c_str());
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  g_assert_true(file.good());
}

}  // namespace support
