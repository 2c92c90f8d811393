// SPDX-License-Identifier: LGPL-2.1-or-later
// A folder of pictures per class, as torchvision's ImageFolder.
#include <algorithm>

#include "data/file_list.h"
#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->path().filename().string().starts_with("."))
      entries.push_back(it->path());
  }
  if (error)
    throw Error(ErrorCode::kCannotRead, "expected a readable folder, got \"" +
                                            error.message() + "\" for " +
                                            folder.string());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> folders = sorted_entries(folder);
  std::erase_if(folders, [](const fs::path& entry) {
    std::error_code ignored;
    return !fs::is_directory(entry, ignored);
  });
  return folders;
}

bool has_subfolders(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder, ignored) && !subfolders(folder).empty();
}

fs::path part_of(const fs::path& path, Split split) {
  std::vector<const char*> names = {"train"};
  if (split == Split::kValidation)
    names = {"val", "test"};
  if (split == Split::kTest)
    names = {"test", "val"};
  for (const char* name : names) {
    if (has_subfolders(path / name))
      return path / name;
  }
  if (split == Split::kValidation)
    throw Error(ErrorCode::kNotFound,
                "expected a val or test folder in " + path.string());
  return path;
}

// ImageFolder looks into folders of a class's folder, too. Links to folders
// are not followed: they can lead in a circle.
void add_pictures(const fs::path& folder, int label,
                  std::vector<PictureFile>& files) {
  for (const fs::path& entry : sorted_entries(folder)) {
    std::error_code ignored;
    if (fs::is_directory(entry, ignored) && !fs::is_symlink(entry, ignored))
      add_pictures(entry, label, files);
    else if (is_picture_file(entry))
      files.push_back({entry, label, ""});
  }
}

}  // namespace

bool has_validation_folder(const fs::path& path) {
  return has_subfolders(path / "val") || has_subfolders(path / "test");
}

std::unique_ptr<Dataset> open_image_folder(const fs::path& path, Split split) {
  const fs::path root = part_of(path, split);
  std::vector<std::string> classes;
  std::vector<PictureFile> files;
  for (const fs::path& folder : subfolders(root)) {
    add_pictures(folder, static_cast<int>(classes.size()), files);
    classes.push_back(folder.filename().string());
  }
  if (files.empty())
    throw Error(ErrorCode::kBadData,
                "expected a folder of pictures per class, got " +
                    std::to_string(classes.size()) +
                    " folders without pictures in " + root.string());
  return std::make_unique<FileList>(std::move(classes), std::move(files));
}

}  // namespace torchclassify
