// SPDX-License-Identifier: LGPL-2.1-or-later
// MNIST and the sets that share its files: Fashion-MNIST, KMNIST, EMNIST.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "data/idx_file.h"
#include "data/layouts.h"
#include "data/mnist_classes.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// The publisher's folder itself, or the root that torchvision makes.
constexpr const char* kFolders[] = {
    "",    "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw",
    "raw", "gzip"};

// Before the parts' names; EMNIST has six sets in one folder.
constexpr const char* kPrefixes[] = {"",
                                     "emnist-balanced-",
                                     "emnist-byclass-",
                                     "emnist-bymerge-",
                                     "emnist-digits-",
                                     "emnist-letters-",
                                     "emnist-mnist-"};

const char* part_name(const std::string& prefix, Split split) {
  if (split == Split::kTrain)
    return "train";
  return prefix.empty() ? "t10k" : "test";
}

std::optional<fs::path> find_file(const fs::path& folder,
                                  const std::string& stem) {
  for (const char* ending : {"ubyte.gz", "ubyte"}) {
    fs::path file = folder / (stem + ending);
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored))
      return file;
  }
  return std::nullopt;
}

// Where a set's files lie, and how their names begin.
struct Place {
  fs::path folder;
  std::string prefix;

  std::optional<fs::path> images(Split split) const {
    return find_file(folder,
                     prefix + part_name(prefix, split) + "-images-idx3-");
  }
  fs::path require(Split split, const char* what) const {
    const std::string stem = prefix + part_name(prefix, split) + what;
    if (const auto file = find_file(folder, stem))
      return *file;
    throw Error(ErrorCode::kNotFound, "expected " + stem + "ubyte or " + stem +
                                          "ubyte.gz in " + folder.string());
  }
};

// One of a set's files stands for the set.
bool begins_as(const fs::path& file, const std::string& prefix) {
  const std::string name = file.filename().string();
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (name.starts_with(prefix + part_name(prefix, split) + "-") &&
        name.find("-ubyte") != std::string::npos)
      return true;
  }
  return false;
}

std::vector<Place> places_at(const fs::path& path) {
  std::error_code ignored;
  const bool is_file = fs::is_regular_file(path, ignored);
  std::vector<Place> places;
  for (const char* prefix : kPrefixes) {
    if (is_file && begins_as(path, prefix))
      places.push_back({path.parent_path(), prefix});
    for (const char* folder : kFolders) {
      Place place{path / folder, prefix};
      if (!is_file &&
          (place.images(Split::kTrain) || place.images(Split::kTest)))
        places.push_back(std::move(place));
    }
  }
  return places;
}

Place require_place(const fs::path& path) {
  std::vector<Place> places = places_at(path);
  if (places.empty())
    throw Error(ErrorCode::kNotFound,
                "expected train-images-idx3-ubyte or t10k-images-idx3-ubyte "
                "(or .gz, or EMNIST's) in " +
                    path.string());
  if (places.size() > 1)
    throw Error(ErrorCode::kBadData,
                "expected one set, got \"" + places[0].prefix + "\" and \"" +
                    places[1].prefix +
                    "\" (give the path of one of its files) in " +
                    path.string());
  return std::move(places[0]);
}

class MnistSet : public Dataset {
 public:
  MnistSet(const fs::path& images_path, const fs::path& labels_path,
           MnistKind kind)
      : origin_(images_path.string()),
        images_(read_idx(images_path, 3)),
        labels_(read_idx(labels_path, 1)),
        kind_(std::move(kind)) {
    if (images_.shape[0] != labels_.shape[0])
      throw Error(ErrorCode::kBadData,
                  "expected " + std::to_string(images_.shape[0]) +
                      " labels, as many as pictures, got " +
                      std::to_string(labels_.shape[0]) + " in " +
                      labels_path.string());
    if (images_.values.empty())
      throw Error(ErrorCode::kBadData,
                  "expected pictures, got none in " + origin_);
    if (std::max(images_.shape[1], images_.shape[2]) > kMaxImageSide)
      throw Error(ErrorCode::kBadData,
                  "expected pictures of at most 32768 pixels a side, got more "
                  "in " +
                      origin_);
    check_labels(labels_path);
  }

  const std::vector<std::string>& classes() const override {
    return kind_.classes;
  }
  std::size_t size() const override { return labels_.values.size(); }
  int label(std::size_t index) const override {
    return labels_.values[index] - kind_.first_label;
  }
  std::string name(std::size_t index) const override {
    return origin_ + "[" + std::to_string(index) + "]";
  }

  Picture picture(std::size_t index) const override {
    const std::size_t rows = images_.shape[1], columns = images_.shape[2];
    const auto* first = images_.values.data() + index * rows * columns;
    Picture picture;
    picture.height = static_cast<int>(kind_.transposed ? columns : rows);
    picture.width = static_cast<int>(kind_.transposed ? rows : columns);
    picture.channels = 1;
    picture.pixels.assign(first, first + rows * columns);
    if (kind_.transposed) {
      for (std::size_t i = 0; i < rows * columns; ++i)
        picture.pixels[i % columns * rows + i / columns] = first[i];
    }
    return picture;
  }

 private:
  // Digits have no names that more of them could contradict.
  void check_labels(const fs::path& path) {
    const auto [least, largest] =
        std::minmax_element(labels_.values.begin(), labels_.values.end());
    const int count = *largest + 1 - kind_.first_label;
    const int known = static_cast<int>(kind_.classes.size());
    if (*least < kind_.first_label || (count > known && !kind_.open_ended))
      throw Error(ErrorCode::kBadData,
                  "expected labels from " + std::to_string(kind_.first_label) +
                      " to " + std::to_string(known - 1 + kind_.first_label) +
                      ", got " + std::to_string(*least) + " to " +
                      std::to_string(*largest) + " in " + path.string());
    for (int label = known; label < count; ++label)
      kind_.classes.push_back(std::to_string(label));
  }

  std::string origin_;
  IdxArray images_;  // [N, height, width]
  IdxArray labels_;  // [N]
  MnistKind kind_;
};

}  // namespace

bool is_mnist(const fs::path& path) { return !places_at(path).empty(); }

bool mnist_has_test(const fs::path& path) {
  return require_place(path).images(Split::kTest).has_value();
}

std::unique_ptr<Dataset> open_mnist(const fs::path& path, Split split) {
  const Place place = require_place(path);
  return std::make_unique<MnistSet>(place.require(split, "-images-idx3-"),
                                    place.require(split, "-labels-idx1-"),
                                    mnist_kind(place.folder, place.prefix));
}

}  // namespace torchclassify
