// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/file_tree.h"

#include <algorithm>
#include <utility>

#include "data/archive_tree.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

using Entries = std::vector<fs::directory_entry>;

Entries visible_entries(const fs::path& folder) {
  std::error_code error;
  Entries entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->path().filename().string().starts_with("."))
      entries.push_back(*it);
  }
  if (error)
    throw Error(ErrorCode::kCannotRead, "expected a readable folder, got \"" +
                                            error.message() + "\" for " +
                                            folder.string());
  return entries;
}

class FolderTree : public FileTree {
 public:
  explicit FolderTree(fs::path root) : root_(std::move(root)) {}

  std::vector<std::string> folders(const std::string& folder) const override {
    std::vector<std::string> names;
    for (const auto& entry : visible_entries(root_ / folder)) {
      std::error_code ignored;
      if (entry.is_directory(ignored))
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::vector<std::string> files(const std::string& folder) const override {
    std::vector<std::string> paths;
    add_files(folder, paths);
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  bool has_file(const std::string& path) const override {
    std::error_code ignored;
    return fs::is_regular_file(root_ / path, ignored);
  }

  FileBytes read(const std::string& path) const override {
    return FileBytes(read_file_bytes(root_ / path, "a file"));
  }

  std::string name(const std::string& path) const override {
    return path.empty() ? root_.string() : (root_ / path).string();
  }

 private:
  void add_files(const std::string& folder,
                 std::vector<std::string>& paths) const {
    for (const auto& entry : visible_entries(root_ / folder)) {
      std::string path = joined(folder, entry.path().filename().string());
      std::error_code ignored;
      if (!entry.is_directory(ignored))
        paths.push_back(std::move(path));
      else if (!entry.is_symlink(ignored))
        add_files(path, paths);
    }
  }

  fs::path root_;
};

}  // namespace

std::shared_ptr<const FileTree> open_tree(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return std::make_shared<FolderTree>(path);
  if (!fs::exists(path, ignored))
    throw Error(ErrorCode::kNotFound,
                "expected a folder or an archive with a data set, got none "
                "at " +
                    path.string());
  if (!is_archive_file(path))
    throw Error(ErrorCode::kBadData,
                "expected a folder, an archive (.tar, .tar.gz, .tgz, .zip) or "
                "a manifest (.csv), got " +
                    path.string());
  return open_archive(path);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::optional<std::string> inside_path(const std::string& path) {
  std::string inside;
  for (const fs::path& part : fs::path(path)) {
    if (part == ".." || part.is_absolute())
      return std::nullopt;
    if (part != "." && !part.empty())
      inside = joined(inside, part.string());
  }
  return inside;
}

}  // namespace torchclassify
