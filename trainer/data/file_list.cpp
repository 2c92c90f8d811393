// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/file_list.h"

#include <utility>

namespace torchclassify {

FileList::FileList(std::shared_ptr<const FileTree> tree,
                   std::vector<std::string> classes,
                   std::vector<PictureFile> files)
    : tree_(std::move(tree)),
      classes_(std::move(classes)),
      files_(std::move(files)) {}

const std::vector<std::string>& FileList::classes() const { return classes_; }

std::size_t FileList::size() const { return files_.size(); }

int FileList::label(std::size_t index) const { return files_[index].label; }

std::string FileList::name(std::size_t index) const {
  return tree_->name(files_[index].path);
}

std::string FileList::group(std::size_t index) const {
  const std::string& group = files_[index].group;
  return group.empty() ? name(index) : group;
}

Picture FileList::picture(std::size_t index) const {
  const FileBytes file = tree_->read(files_[index].path);
  return decode_picture(file.span().data(), file.span().size(), name(index));
}

std::optional<std::vector<std::uint8_t>> FileList::encoded(
    std::size_t index) const {
  const FileBytes file = tree_->read(files_[index].path);
  return std::vector(file.span().begin(), file.span().end());
}

}  // namespace torchclassify
