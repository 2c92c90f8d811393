// SPDX-License-Identifier: LGPL-2.1-or-later
// CIFAR-10 and CIFAR-100, the binary version: records of labels and planes.
#include <optional>
#include <utility>

#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr int kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;

struct Variant {
  const char* folder;           // that the publisher's archive holds
  const char* training;         // the first file, or the only one
  const char* test;             // file
  const char* names;            // file
  std::size_t label_bytes;      // of a record; the last one is the label
  bool several_training_files;  // data_batch_1.bin, data_batch_2.bin, ...
};

constexpr Variant kVariants[] = {
    {"cifar-10-batches-bin", "data_batch_1.bin", "test_batch.bin",
     "batches.meta.txt", 1, true},
    {"cifar-100-binary", "train.bin", "test.bin", "fine_label_names.txt", 2,
     false},
};

struct Place {
  const Variant* variant;
  std::string folder;

  std::string file(const std::string& name) const {
    return joined(folder, name);
  }
};

std::optional<Place> find_place(const FileTree& tree) {
  for (const Variant& variant : kVariants) {
    for (const char* folder : {"", variant.folder}) {
      const Place place{&variant, folder};
      if (tree.has_file(place.file(variant.names)) &&
          (tree.has_file(place.file(variant.training)) ||
           tree.has_file(place.file(variant.test))))
        return place;
    }
  }
  return std::nullopt;
}

Place require_place(const FileTree& tree) {
  if (const auto place = find_place(tree))
    return *place;
  throw Error(ErrorCode::kNotFound,
              "expected CIFAR's data_batch_1.bin or test_batch.bin with "
              "batches.meta.txt, or train.bin or test.bin with "
              "fine_label_names.txt, in " +
                  tree.name(""));
}

std::vector<std::string> part_files(const FileTree& tree, const Place& place,
                                    Split split) {
  if (split != Split::kTrain)
    return {place.file(place.variant->test)};
  std::vector<std::string> files = {place.file(place.variant->training)};
  if (!place.variant->several_training_files)
    return files;
  for (int i = 2;; ++i) {
    std::string file = place.file("data_batch_" + std::to_string(i) + ".bin");
    if (!tree.has_file(file))
      return files;
    files.push_back(std::move(file));
  }
}

// A name a line; empty lines at the end.
std::vector<std::string> read_names(const FileTree& tree,
                                    const std::string& path) {
  const FileBytes file = tree.read(path);
  std::vector<std::string> names(1);
  for (const std::uint8_t byte : file.span()) {
    if (byte == '\n' && !names.back().empty())
      names.emplace_back();
    else if (byte != '\n' && byte != '\r')
      names.back() += static_cast<char>(byte);
  }
  if (names.back().empty())
    names.pop_back();
  if (names.empty() || names.size() > 256)
    throw Error(ErrorCode::kBadData, "expected 1 to 256 class names, got " +
                                         std::to_string(names.size()) + " in " +
                                         tree.name(path));
  return names;
}

class CifarSet : public Dataset {
 public:
  CifarSet(Tree tree, const Place& place, Split split)
      : tree_(std::move(tree)),
        label_bytes_(place.variant->label_bytes),
        classes_(read_names(*tree_, place.file(place.variant->names))) {
    for (std::string& path : part_files(*tree_, place, split))
      add_file(std::move(path));
  }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return records_.size(); }
  int label(std::size_t index) const override {
    return records_[index].bytes[label_bytes_ - 1];
  }
  std::string name(std::size_t index) const override {
    const Record& record = records_[index];
    return files_[record.file].name + "[" +
           std::to_string(index - files_[record.file].first) + "]";
  }

  Picture picture(std::size_t index) const override {
    Picture picture{.width = kSide, .height = kSide};
    picture.pixels.resize(3 * kPlane);
    const std::uint8_t* red = records_[index].bytes + label_bytes_;
    std::uint8_t* to = picture.pixels.data();
    for (std::size_t i = 0; i < kPlane; ++i, to += 3) {
      to[0] = red[i];
      to[1] = red[i + kPlane];
      to[2] = red[i + 2 * kPlane];
    }
    return picture;
  }

 private:
  struct File {
    std::string name;
    FileBytes bytes;
    std::size_t first;  // index of its first picture
  };
  struct Record {
    const std::uint8_t* bytes;
    std::size_t file;  // index
  };

  void add_file(std::string path) {
    files_.push_back({tree_->name(path), tree_->read(path), records_.size()});
    const File& file = files_.back();
    const auto bytes = file.bytes.span();
    const std::size_t record = label_bytes_ + 3 * kPlane;
    if (bytes.empty() || bytes.size() % record != 0)
      throw Error(ErrorCode::kBadData,
                  "expected records of " + std::to_string(record) +
                      " bytes, got " + std::to_string(bytes.size()) +
                      " bytes in " + file.name);
    for (std::size_t at = 0; at < bytes.size(); at += record) {
      records_.push_back({bytes.data() + at, files_.size() - 1});
      if (static_cast<std::size_t>(label(size() - 1)) >= classes_.size())
        throw Error(ErrorCode::kBadData,
                    "expected labels below " + std::to_string(classes_.size()) +
                        ", got " + std::to_string(label(size() - 1)) + " in " +
                        name(size() - 1));
    }
  }

  Tree tree_;
  std::size_t label_bytes_;
  std::vector<std::string> classes_;
  std::vector<File> files_;
  std::vector<Record> records_;
};

}  // namespace

bool is_cifar(const FileTree& tree) { return find_place(tree).has_value(); }

bool cifar_has_test(const FileTree& tree) {
  const auto place = find_place(tree);
  return place && tree.has_file(place->file(place->variant->test));
}

std::unique_ptr<Dataset> open_cifar(const Tree& tree, Split split) {
  return std::make_unique<CifarSet>(tree, require_place(*tree), split);
}

}  // namespace torchclassify
