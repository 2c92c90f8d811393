// SPDX-License-Identifier: LGPL-2.1-or-later
// The files that a set is made of: a folder's, or an archive's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/file_bytes.h"

namespace torchclassify {

// Paths are relative to the root, with '/' between their parts; "" is the root.
// Hidden files and folders (".x") are left out of listings. Any thread.
class FileTree {
 public:
  virtual ~FileTree() = default;

  // Names of the folders right in a folder, sorted.
  virtual std::vector<std::string> folders(const std::string& folder) const = 0;
  // Paths of all files in and below a folder, sorted. Links to folders are not
  // followed: they can lead in a circle.
  virtual std::vector<std::string> files(const std::string& folder) const = 0;
  virtual bool has_file(const std::string& path) const = 0;
  // Valid as long as the tree. Throws Error as read_file_bytes().
  virtual FileBytes read(const std::string& path) const = 0;
  // For people: "ROOT/path".
  virtual std::string name(const std::string& path) const = 0;
};

// Throws Error kNotFound, or kBadData for a file that is no archive. Archives
// that are still in use are shared.
std::shared_ptr<const FileTree> open_tree(const std::filesystem::path& path);

std::string joined(const std::string& folder, const std::string& name);

// A stranger's path, without the parts that say nothing ("./a//b"); "" is where
// it begins. Nothing for one that leads elsewhere: absolute, or with "..".
std::optional<std::string> inside_path(const std::string& path);

}  // namespace torchclassify
