// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/dataset.h"

#include "data/data_source.h"

namespace torchclassify {
namespace fs = std::filesystem;

const std::vector<std::string>& layout_names() {
  static const std::vector<std::string> names = {"imagefolder", "mnist",
                                                 "cifar", "gtsrb", "manifest"};
  return names;
}

std::string detect_layout(const fs::path& path) {
  return DataSource(path, "").layout();
}

std::unique_ptr<Dataset> open_dataset(const fs::path& path,
                                      const std::string& layout, Split split) {
  return DataSource(path, layout).open(split);
}

bool has_validation(const fs::path& path, const std::string& layout) {
  return DataSource(path, layout).has_validation();
}

}  // namespace torchclassify
