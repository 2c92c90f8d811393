// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/data_source.h"

#include <algorithm>
#include <utility>

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

bool needs_tree(const std::string& layout) {
  return layout != "mnist" && layout != "manifest";
}

std::string layout_of(const FileTree& tree) {
  if (is_cifar(tree))
    return "cifar";
  return is_gtsrb(tree) ? "gtsrb" : "imagefolder";
}

}  // namespace

DataSource::DataSource(fs::path path, const std::string& layout)
    : path_(std::move(path)), layout_(layout) {
  require_something(path_);
  if (!layout.empty())
    require_known(layout);
  else if (is_mnist(path_))
    layout_ = "mnist";
  else if (is_manifest(path_))
    layout_ = "manifest";
  if (needs_tree(layout_))
    tree_ = open_tree(path_);
  if (layout_.empty())
    layout_ = layout_of(*tree_);
}

bool DataSource::has_validation() const {
  if (layout_ == "mnist")
    return mnist_has_test(path_);
  if (layout_ == "manifest")
    return manifest_has_validation(path_);
  if (layout_ == "cifar")
    return cifar_has_test(*tree_);
  return layout_ == "imagefolder" && image_folder_has_validation(*tree_);
}

std::unique_ptr<Dataset> DataSource::open(Split split) const {
  if (layout_ == "mnist")
    return open_mnist(path_, split);
  if (layout_ == "manifest")
    return open_manifest(path_, split);
  if (layout_ == "cifar")
    return open_cifar(tree_, split);
  if (layout_ == "gtsrb")
    return open_gtsrb(tree_, split);
  return open_image_folder(tree_, split);
}

}  // namespace torchclassify
