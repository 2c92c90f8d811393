// SPDX-License-Identifier: LGPL-2.1-or-later
// The German Traffic Sign Recognition Benchmark, as its publisher and as Kaggle
// lay it out.
#include <cstdio>

#include "data/csv_table.h"
#include "data/file_list.h"
#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr int kSigns = 43;

bool present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The publisher's archives unpack into a folder GTSRB.
fs::path root_of(const fs::path& path) {
  return is_gtsrb(path / "GTSRB") ? path / "GTSRB" : path;
}

std::string class_folder(int sign) {
  char text[8];
  std::snprintf(text, sizeof text, "%05d", sign);
  return text;
}

std::vector<std::string> class_names(const fs::path& root) {
  std::vector<std::string> names;
  for (int sign = 0; sign < kSigns; ++sign) names.push_back(class_folder(sign));
  if (!present(root / "signnames.csv"))
    return names;
  const CsvTable table(root / "signnames.csv", ',');
  const std::size_t id = table.column("ClassId");
  const std::size_t name = table.column("SignName");
  for (std::size_t row = 0; row < table.rows(); ++row)
    names[static_cast<std::size_t>(table.number(row, id, kSigns))] =
        table.text(row, name);
  return names;
}

// A table's path stays inside its folder, and leads to a file.
fs::path checked_path(const fs::path& folder, const CsvTable& table,
                      std::size_t row, std::size_t column) {
  const fs::path relative = table.text(row, column);
  for (const fs::path& part : relative) {
    if (part == ".." || relative.is_absolute())
      throw Error(ErrorCode::kBadData,
                  "expected a path inside the set, got \"" + relative.string() +
                      "\" in " + table.where(row));
  }
  fs::path path = folder / relative;
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored))
    throw Error(ErrorCode::kBadData, "expected a picture at " + path.string() +
                                         ", got none; named in " +
                                         table.where(row));
  return path;
}

// Pictures are TTTTT_FFFFF (publisher) or CC_TTTTT_FFFFF (Kaggle): what comes
// before the last underscore is one physical sign, seen 30 times.
std::string track_of(const fs::path& path, int sign) {
  const std::string stem = path.stem().string();
  return class_folder(sign) + "/" + stem.substr(0, stem.rfind('_'));
}

// with_tracks: false where the names are just numbers (the test part).
void add_table(const fs::path& folder, const CsvTable& table, bool with_tracks,
               std::vector<PictureFile>& files) {
  const std::size_t path_column =
      table.column(table.has_column("Path") ? "Path" : "Filename");
  const std::size_t class_column = table.column("ClassId");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const int sign = table.number(row, class_column, kSigns);
    fs::path path = checked_path(folder, table, row, path_column);
    std::string track = with_tracks ? track_of(path, sign) : "";
    files.push_back({std::move(path), sign, std::move(track)});
  }
}

std::vector<PictureFile> official_training(const fs::path& root) {
  std::vector<PictureFile> files;
  for (int sign = 0; sign < kSigns; ++sign) {
    const std::string name = class_folder(sign);
    const fs::path folder = root / "Final_Training/Images" / name;
    if (present(folder))
      add_table(folder, CsvTable(folder / ("GT-" + name + ".csv"), ';'),
                /*with_tracks=*/true, files);
  }
  return files;
}

std::vector<PictureFile> list_files(const fs::path& root, Split split) {
  std::vector<PictureFile> files;
  if (split == Split::kTrain) {
    if (present(root / "Final_Training"))
      return official_training(root);
    add_table(root, CsvTable(root / "Train.csv", ','), /*with_tracks=*/true,
              files);
  } else if (present(root / "Final_Test")) {
    const fs::path folder = root / "Final_Test/Images";
    add_table(folder, CsvTable(folder / "GT-final_test.csv", ';'),
              /*with_tracks=*/false, files);
  } else {
    add_table(root, CsvTable(root / "Test.csv", ','), /*with_tracks=*/false,
              files);
  }
  return files;
}

}  // namespace

bool is_gtsrb(const fs::path& path) {
  for (const char* name :
       {"Final_Training", "Final_Test", "Train.csv", "Test.csv"}) {
    if (present(path / name) || present(path / "GTSRB" / name))
      return true;
  }
  return false;
}

std::unique_ptr<Dataset> open_gtsrb(const fs::path& path, Split split) {
  if (split == Split::kValidation)
    throw Error(ErrorCode::kNotFound,
                "expected a validation part, got GTSRB, whose training part "
                "is split by track instead: " +
                    path.string());
  const fs::path root = root_of(path);
  std::vector<PictureFile> files = list_files(root, split);
  if (files.empty())
    throw Error(ErrorCode::kBadData,
                "expected traffic signs, got none in " + root.string());
  return std::make_unique<FileList>(class_names(root), std::move(files));
}

}  // namespace torchclassify
