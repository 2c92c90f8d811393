// SPDX-License-Identifier: LGPL-2.1-or-later
// The place that a data set lies at, looked at once for all its parts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "data/file_tree.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

// Keeps an archive open: it is read once, however many parts are opened. Copies
// share it.
class DataSource {
 public:
  // layout: as open_dataset() has it. Throws as open_dataset().
  DataSource(std::filesystem::path path, const std::string& layout);

  const std::filesystem::path& path() const { return path_; }
  const std::string& layout() const { return layout_; }  // never empty
  // As the function has_validation().
  bool has_validation() const;
  // As open_dataset().
  std::unique_ptr<Dataset> open(Split split) const;

 private:
  std::filesystem::path path_;
  std::string layout_;
  std::shared_ptr<const FileTree> tree_;  // null: the layout needs none
};

}  // namespace torchclassify
