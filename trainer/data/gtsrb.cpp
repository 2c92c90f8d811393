// SPDX-License-Identifier: LGPL-2.1-or-later
// The German Traffic Sign Recognition Benchmark, as its publisher and as Kaggle
// lay it out.
#include <algorithm>
#include <utility>

#include "data/csv_table.h"
#include "data/file_list.h"
#include "data/layouts.h"
#include "formatted.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr int kSigns = 43;

bool has_folder(const FileTree& tree, const std::string& parent,
                const std::string& name) {
  const auto folders = tree.folders(parent);
  return std::binary_search(folders.begin(), folders.end(), name);
}

bool lies_at(const FileTree& tree, const std::string& root) {
  if (!root.empty() && !has_folder(tree, "", root))
    return false;
  return has_folder(tree, root, "Final_Training") ||
         has_folder(tree, root, "Final_Test") ||
         tree.has_file(joined(root, "Train.csv")) ||
         tree.has_file(joined(root, "Test.csv"));
}

// The publisher's archives unpack into a folder GTSRB.
std::string root_of(const FileTree& tree) {
  return lies_at(tree, "GTSRB") ? "GTSRB" : "";
}

CsvTable read_table(const FileTree& tree, const std::string& path,
                    char separator) {
  return CsvTable(tree.read(path), tree.name(path), separator);
}

std::string class_folder(int sign) { return formatted("%05d", sign); }

std::vector<std::string> class_names(const FileTree& tree,
                                     const std::string& root) {
  std::vector<std::string> names;
  for (int sign = 0; sign < kSigns; ++sign) names.push_back(class_folder(sign));
  const std::string path = joined(root, "signnames.csv");
  if (!tree.has_file(path))
    return names;
  const CsvTable table = read_table(tree, path, ',');
  const std::size_t id = table.column("ClassId");
  const std::size_t name = table.column("SignName");
  for (std::size_t row = 0; row < table.rows(); ++row)
    names[static_cast<std::size_t>(table.number(row, id, kSigns))] =
        table.text(row, name);
  return names;
}

// Pictures are TTTTT_FFFFF (publisher) or CC_TTTTT_FFFFF (Kaggle): what comes
// before the last underscore is one physical sign, seen 30 times.
std::string track_of(const fs::path& path, int sign) {
  const std::string stem = path.stem().string();
  return class_folder(sign) + "/" + stem.substr(0, stem.rfind('_'));
}

// Collects what tables name.
class Listing {
 public:
  // with_tracks: false where the names are just numbers (the test part).
  Listing(const FileTree& tree, bool with_tracks)
      : tree_(tree), with_tracks_(with_tracks) {}

  // Paths in the table are relative to the folder that it lies in.
  void add(const std::string& folder, const std::string& file, char separator) {
    const CsvTable table = read_table(tree_, joined(folder, file), separator);
    const std::size_t path_column =
        table.column(table.find_column("Path") ? "Path" : "Filename");
    const std::size_t class_column = table.column("ClassId");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const int sign = table.number(row, class_column, kSigns);
      std::string path = checked_path(folder, table, row, path_column);
      std::string track = with_tracks_ ? track_of(path, sign) : "";
      files_.push_back({std::move(path), sign, std::move(track)});
    }
  }

  std::vector<PictureFile> take() { return std::move(files_); }

 private:
  // A table's path stays inside its folder, and leads to a file.
  std::string checked_path(const std::string& folder, const CsvTable& table,
                           std::size_t row, std::size_t column) const {
    const std::string relative(table.text(row, column));
    if (!inside_path(relative))
      throw Error(ErrorCode::kBadData,
                  "expected a path inside the set, got \"" + relative +
                      "\" in " + table.where(row));
    std::string path = joined(folder, relative);
    if (!tree_.has_file(path))
      throw Error(ErrorCode::kBadData,
                  "expected a picture at " + tree_.name(path) +
                      ", got none; named in " + table.where(row));
    return path;
  }

  const FileTree& tree_;
  bool with_tracks_;
  std::vector<PictureFile> files_;
};

void add_official_training(const FileTree& tree, const std::string& root,
                           Listing& listing) {
  const std::string images = joined(root, "Final_Training/Images");
  const auto folders = tree.folders(images);
  for (int sign = 0; sign < kSigns; ++sign) {
    const std::string name = class_folder(sign);
    if (std::binary_search(folders.begin(), folders.end(), name))
      listing.add(joined(images, name), "GT-" + name + ".csv", ';');
  }
}

std::vector<PictureFile> list_files(const FileTree& tree,
                                    const std::string& root, Split split) {
  Listing listing(tree, /*with_tracks=*/split == Split::kTrain);
  if (split == Split::kTrain && has_folder(tree, root, "Final_Training"))
    add_official_training(tree, root, listing);
  else if (split == Split::kTrain)
    listing.add(root, "Train.csv", ',');
  else if (has_folder(tree, root, "Final_Test"))
    listing.add(joined(root, "Final_Test/Images"), "GT-final_test.csv", ';');
  else
    listing.add(root, "Test.csv", ',');
  return listing.take();
}

}  // namespace

bool is_gtsrb(const FileTree& tree) {
  return lies_at(tree, "") || lies_at(tree, "GTSRB");
}

std::unique_ptr<Dataset> open_gtsrb(const Tree& tree, Split split) {
  if (split == Split::kValidation)
    throw Error(ErrorCode::kNotFound,
                "expected a validation part, got GTSRB, whose training part "
                "is split by track instead: " +
                    tree->name(""));
  const std::string root = root_of(*tree);
  std::vector<PictureFile> files = list_files(*tree, root, split);
  if (files.empty())
    throw Error(ErrorCode::kBadData,
                "expected traffic signs, got none in " + tree->name(root));
  return std::make_unique<FileList>(tree, class_names(*tree, root),
                                    std::move(files));
}

}  // namespace torchclassify
