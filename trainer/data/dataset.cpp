// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/dataset.h"

#include <algorithm>

#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

void require_something(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw Error(ErrorCode::kNotFound,
                "expected a data set, got nothing at " + path.string());
}

std::string checked_layout(const fs::path& path, const std::string& layout) {
  require_something(path);
  if (layout.empty())
    return detect_layout(path);
  const auto& names = layout_names();
  if (std::find(names.begin(), names.end(), layout) != names.end())
    return layout;
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + name;
  throw Error(ErrorCode::kInvalidArgument,
              "expected a layout of " + list + ", got \"" + layout + "\"");
}

}  // namespace

const std::vector<std::string>& layout_names() {
  static const std::vector<std::string> names = {"imagefolder", "mnist",
                                                 "cifar", "gtsrb", "manifest"};
  return names;
}

std::string detect_layout(const fs::path& path) {
  require_something(path);
  if (is_mnist(path))
    return "mnist";
  if (is_manifest(path))
    return "manifest";
  const Tree tree = open_tree(path);
  if (is_cifar(*tree))
    return "cifar";
  return is_gtsrb(*tree) ? "gtsrb" : "imagefolder";
}

std::unique_ptr<Dataset> open_dataset(const fs::path& path,
                                      const std::string& layout, Split split) {
  const std::string name = checked_layout(path, layout);
  if (name == "mnist")
    return open_mnist(path, split);
  if (name == "manifest")
    return open_manifest(path, split);
  const Tree tree = open_tree(path);
  if (name == "cifar")
    return open_cifar(tree, split);
  if (name == "gtsrb")
    return open_gtsrb(tree, split);
  return open_image_folder(tree, split);
}

bool has_validation(const fs::path& path, const std::string& layout) {
  const std::string name = checked_layout(path, layout);
  if (name == "mnist")
    return mnist_has_test(path);
  if (name == "manifest")
    return manifest_has_validation(path);
  if (name == "gtsrb")
    return false;
  const Tree tree = open_tree(path);
  return name == "cifar" ? cifar_has_test(*tree)
                         : image_folder_has_validation(*tree);
}

}  // namespace torchclassify
