// SPDX-License-Identifier: LGPL-2.1-or-later
// A set whose pictures are files of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/file_tree.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

struct PictureFile {
  std::string path;  // in the tree
  int label = 0;
  std::string group;  // empty: the picture's name
};

class FileList : public Dataset {
 public:
  FileList(std::shared_ptr<const FileTree> tree,
           std::vector<std::string> classes, std::vector<PictureFile> files);

  const std::vector<std::string>& classes() const override;
  std::size_t size() const override;
  int label(std::size_t index) const override;
  std::string name(std::size_t index) const override;
  std::string group(std::size_t index) const override;
  Picture picture(std::size_t index) const override;
  std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const override;

 private:
  std::shared_ptr<const FileTree> tree_;
  std::vector<std::string> classes_;
  std::vector<PictureFile> files_;
};

}  // namespace torchclassify
