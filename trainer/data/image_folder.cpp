// SPDX-License-Identifier: LGPL-2.1-or-later
// A folder of pictures per class, as torchvision's ImageFolder.
#include <algorithm>
#include <optional>
#include <utility>

#include "data/file_list.h"
#include "data/layouts.h"
#include "data/wordnet.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

std::optional<std::string> first_part(const FileTree& tree,
                                      const std::string& root,
                                      const Names& wanted) {
  const Names present = tree.folders(root);
  for (const std::string& name : wanted) {
    std::string part = joined(root, name);
    if (contains(present, name) && !tree.folders(part).empty())
      return part;
  }
  return std::nullopt;
}

Names part_names(Split split) {
  switch (split) {
    case Split::kTrain:
      return {"train"};
    case Split::kValidation:
      return {"val", "valid", "validation", "test"};
    case Split::kTest:
      return {"test", "val", "valid", "validation"};
  }
  return {};
}

bool has_own_pictures(const FileTree& tree, const std::string& folder) {
  for (const std::string& path : tree.files(folder)) {
    if (path.find('/', folder.size() + 1) == std::string::npos &&
        is_picture_file(path))
      return true;
  }
  return false;
}

// Archives often hold one folder, named as they are, around everything.
std::string root_of(const FileTree& tree) {
  std::string root;
  while (!first_part(tree, root, {"train", "val", "test"})) {
    const Names folders = tree.folders(root);
    if (folders.size() != 1)
      break;
    const std::string inner = joined(root, folders[0]);
    if (tree.folders(inner).empty() || has_own_pictures(tree, inner))
      break;
    root = inner;
  }
  return root;
}

std::string part_of(const FileTree& tree, Split split) {
  const std::string root = root_of(tree);
  const auto part = first_part(tree, root, part_names(split));
  if (!part && split == Split::kValidation)
    throw Error(ErrorCode::kNotFound,
                "expected a val or test folder in " + tree.name(root));
  return part.value_or(root);
}

}  // namespace

bool image_folder_has_validation(const FileTree& tree) {
  return first_part(tree, root_of(tree), part_names(Split::kValidation))
      .has_value();
}

std::unique_ptr<Dataset> open_image_folder(const Tree& tree, Split split) {
  const std::string part = part_of(*tree, split);
  Names classes = tree->folders(part);
  std::vector<PictureFile> files;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    for (std::string& path : tree->files(joined(part, classes[label]))) {
      if (is_picture_file(path))
        files.push_back({std::move(path), static_cast<int>(label), ""});
    }
  }
  if (files.empty())
    throw Error(ErrorCode::kBadData,
                "expected a folder of pictures per class, got " +
                    std::to_string(classes.size()) +
                    " folders without pictures in " + tree->name(part));
  if (auto names = imagenet_names(classes))
    classes = std::move(*names);
  return std::make_unique<FileList>(tree, std::move(classes), std::move(files));
}

}  // namespace torchclassify
