// SPDX-License-Identifier: LGPL-2.1-or-later
// Labelled pictures, however they lie on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Which part of a set: what a layout keeps apart by itself.
//              imagefolder            mnist    gtsrb                  cifar
// kTrain       train/, else all       train-*  Final_Training, Train  data_*
// kValidation  val/, else test/       t10k-*   none: split by track   test_*
// kTest        test/, val/, else all  t10k-*   Final_Test, Test       test_*
// A manifest's parts are what its column "split" says: train, val, test;
// without that column, kTrain and kTest are all of it and kValidation none.
enum class Split { kTrain, kValidation, kTest };

// Reading is safe from any thread.
class Dataset {
 public:
  virtual ~Dataset() = default;

  // Class names, by label id: sorted folder names, digits, or the set's own.
  virtual const std::vector<std::string>& classes() const = 0;
  virtual std::size_t size() const = 0;
  virtual int label(std::size_t index) const = 0;  // label id
  // Whether a picture may have several labels, or none: then label() is the
  // first, or -1, and labels() has all of them, ascending.
  virtual bool multi_label() const { return false; }
  virtual std::vector<int> labels(std::size_t index) const {
    return {label(index)};
  }
  // Where the picture came from, for people: a path, "FILE[index]", or
  // "ARCHIVE/member".
  virtual std::string name(std::size_t index) const = 0;
  // Pictures of one group (a GTSRB track) belong on the same side of a
  // validation split. A picture's own name where the set has no groups.
  virtual std::string group(std::size_t index) const { return name(index); }
  // Decodes. Throws Error kBadData or kCannotRead.
  virtual Picture picture(std::size_t index) const = 0;
  // The bytes of the picture's file, for decoding only a part of it:
  // decode_picture() of them, with name(), is picture(). Nothing where there is
  // no such file. Throws as picture().
  virtual std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const {
    static_cast<void>(index);
    return {};
  }
};

// layout, one of layout_names():
//   imagefolder  a folder per class, or an archive (.tar, .tar.gz, .tgz, .zip)
//                of such folders; WordNet ids get their class names
//   mnist        IDX files, gzip or not: MNIST, Fashion-MNIST, KMNIST, EMNIST
//   cifar        CIFAR-10's or CIFAR-100's binary version, or its archive
//   gtsrb        the publisher's layout with ;-CSV files, or Kaggle's
//   manifest     a CSV file: path,label[,split][,group][,x,y,width,height];
//                several labels are separated by |
// empty: found out from what lies at path. Throws Error kNotFound, kBadData
// (naming the first offending file), or kInvalidArgument for an unknown layout.
std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& path,
                                      const std::string& layout, Split split);

const std::vector<std::string>& layout_names();

// The layout's name as above, from what lies at path. Throws Error kNotFound.
std::string detect_layout(const std::filesystem::path& path);

// Whether the set at path keeps validation pictures apart by itself.
bool has_validation(const std::filesystem::path& path,
                    const std::string& layout);

// Noise of a fixed seed, class by class, for tests and for measuring a loader
// or a training without a disk. Each class has a colour of its own.
std::unique_ptr<Dataset> synthetic_dataset(std::size_t size, int classes,
                                           int width, int height);

// Some pictures of a set, in the order of indices. base outlives it.
std::unique_ptr<Dataset> subset(const Dataset& base,
                                std::vector<std::size_t> indices);

// The set with other names for its classes. Throws Error kInvalidArgument for
// another number of them.
std::unique_ptr<Dataset> renamed(std::unique_ptr<Dataset> base,
                                 std::vector<std::string> classes);

}  // namespace torchclassify
