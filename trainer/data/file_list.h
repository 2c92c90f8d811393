// SPDX-License-Identifier: LGPL-2.1-or-later
// A set whose pictures are files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

struct PictureFile {
  std::filesystem::path path;
  int label = 0;
  std::string group;  // empty: the path
};

class FileList : public Dataset {
 public:
  FileList(std::vector<std::string> classes, std::vector<PictureFile> files);

  const std::vector<std::string>& classes() const override;
  std::size_t size() const override;
  int label(std::size_t index) const override;
  std::string name(std::size_t index) const override;
  std::string group(std::size_t index) const override;
  Picture picture(std::size_t index) const override;

 private:
  std::vector<std::string> classes_;
  std::vector<PictureFile> files_;
};

}  // namespace torchclassify
