// SPDX-License-Identifier: LGPL-2.1-or-later
// MNIST and the sets that share its files: Fashion-MNIST, KMNIST, EMNIST.
#include <algorithm>
#include <optional>

#include "data/idx_file.h"
#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr int kDigits = 10;

// The publisher's folder itself, or the root that torchvision makes.
constexpr const char* kFolders[] = {"", "MNIST/raw", "FashionMNIST/raw",
                                    "KMNIST/raw", "raw"};

std::optional<fs::path> find_file(const fs::path& path,
                                  const std::string& stem) {
  for (const char* folder : kFolders) {
    for (const char* ending : {"ubyte.gz", "ubyte"}) {
      fs::path file = path / folder / (stem + ending);
      std::error_code ignored;
      if (fs::is_regular_file(file, ignored))
        return file;
    }
  }
  return std::nullopt;
}

fs::path require_file(const fs::path& path, const std::string& stem) {
  if (const auto file = find_file(path, stem))
    return *file;
  throw Error(ErrorCode::kNotFound, "expected " + stem + "ubyte or " + stem +
                                        "ubyte.gz in " + path.string());
}

class MnistDataset : public Dataset {
 public:
  MnistDataset(const fs::path& images_path, const fs::path& labels_path)
      : origin_(images_path.string()),
        images_(read_idx(images_path, 3)),
        labels_(read_idx(labels_path, 1)) {
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
    name_classes();
  }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return labels_.values.size(); }
  int label(std::size_t index) const override { return labels_.values[index]; }
  std::string name(std::size_t index) const override {
    return origin_ + "[" + std::to_string(index) + "]";
  }

  Picture picture(std::size_t index) const override {
    Picture picture;
    picture.height = static_cast<int>(images_.shape[1]);
    picture.width = static_cast<int>(images_.shape[2]);
    picture.channels = 1;
    const std::size_t bytes = std::size_t{images_.shape[1]} * images_.shape[2];
    const auto* first = images_.values.data() + index * bytes;
    picture.pixels.assign(first, first + bytes);
    return picture;
  }

 private:
  // Digits, and more where the labels say so (EMNIST).
  void name_classes() {
    const auto largest =
        std::max_element(labels_.values.begin(), labels_.values.end());
    const int count = std::max(kDigits, *largest + 1);
    for (int label = 0; label < count; ++label)
      classes_.push_back(std::to_string(label));
  }

  std::string origin_;
  IdxArray images_;  // [N, height, width]
  IdxArray labels_;  // [N]
  std::vector<std::string> classes_;
};

}  // namespace

bool is_mnist(const fs::path& path) {
  return find_file(path, "train-images-idx3-") ||
         find_file(path, "t10k-images-idx3-");
}

std::unique_ptr<Dataset> open_mnist(const fs::path& path, Split split) {
  const std::string part = split == Split::kTrain ? "train" : "t10k";
  return std::make_unique<MnistDataset>(
      require_file(path, part + "-images-idx3-"),
      require_file(path, part + "-labels-idx1-"));
}

}  // namespace torchclassify
