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

void require_known(const std::string& layout) {
  const auto& names = layout_names();
  if (std::find(names.begin(), names.end(), layout) != names.end())
    return;
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + name;
  throw Error(ErrorCode::kInvalidArgument,
              "expected a layout of " + list + ", got \"" + layout + "\"");
}

// A layout, and the tree if that had to be opened to find it out: an archive is
// read only once.
struct Found {
  std::string layout;
  Tree opened;

  Tree tree(const fs::path& path) const {
    return opened ? opened : open_tree(path);
  }
};

Found find_layout(const fs::path& path) {
  if (is_mnist(path))
    return {"mnist", nullptr};
  if (is_manifest(path))
    return {"manifest", nullptr};
  const Tree tree = open_tree(path);
  if (is_cifar(*tree))
    return {"cifar", tree};
  return {is_gtsrb(*tree) ? "gtsrb" : "imagefolder", tree};
}

Found checked_layout(const fs::path& path, const std::string& layout) {
  require_something(path);
  if (layout.empty())
    return find_layout(path);
  require_known(layout);
  return {layout, nullptr};
}

}  // namespace

const std::vector<std::string>& layout_names() {
  static const std::vector<std::string> names = {"imagefolder", "mnist",
                                                 "cifar", "gtsrb", "manifest"};
  return names;
}

std::string detect_layout(const fs::path& path) {
  return checked_layout(path, "").layout;
}

std::unique_ptr<Dataset> open_dataset(const fs::path& path,
                                      const std::string& layout, Split split) {
  const Found found = checked_layout(path, layout);
  if (found.layout == "mnist")
    return open_mnist(path, split);
  if (found.layout == "manifest")
    return open_manifest(path, split);
  const Tree tree = found.tree(path);
  if (found.layout == "cifar")
    return open_cifar(tree, split);
  if (found.layout == "gtsrb")
    return open_gtsrb(tree, split);
  return open_image_folder(tree, split);
}

bool has_validation(const fs::path& path, const std::string& layout) {
  const Found found = checked_layout(path, layout);
  if (found.layout == "mnist")
    return mnist_has_test(path);
  if (found.layout == "manifest")
    return manifest_has_validation(path);
  if (found.layout == "gtsrb")
    return false;
  const Tree tree = found.tree(path);
  return found.layout == "cifar" ? cifar_has_test(*tree)
                                 : image_folder_has_validation(*tree);
}

}  // namespace torchclassify
