// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/file_list.h"

#include <utility>

namespace torchclassify {

FileList::FileList(std::vector<std::string> classes,
                   std::vector<PictureFile> files)
    : classes_(std::move(classes)), files_(std::move(files)) {}

const std::vector<std::string>& FileList::classes() const { return classes_; }

std::size_t FileList::size() const { return files_.size(); }

int FileList::label(std::size_t index) const { return files_[index].label; }

std::string FileList::name(std::size_t index) const {
  return files_[index].path.string();
}

std::string FileList::group(std::size_t index) const {
  const std::string& group = files_[index].group;
  return group.empty() ? name(index) : group;
}

Picture FileList::picture(std::size_t index) const {
  return read_picture(files_[index].path);
}

}  // namespace torchclassify
