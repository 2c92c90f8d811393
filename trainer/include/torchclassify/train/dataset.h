// SPDX-License-Identifier: LGPL-2.1-or-later
// Labelled pictures, however they lie on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Which part of a set: what a layout keeps apart by itself.
//              imagefolder            mnist    gtsrb
// kTrain       train/, else all       train-*  Final_Training, Train
// kValidation  val/, else test/       t10k-*   none: split by track
// kTest        test/, val/, else all  t10k-*   Final_Test, Test
enum class Split { kTrain, kValidation, kTest };

// Reading is safe from any thread.
class Dataset {
 public:
  virtual ~Dataset() = default;

  // Class names, by label id: sorted folder names, digits, or the set's own.
  virtual const std::vector<std::string>& classes() const = 0;
  virtual std::size_t size() const = 0;
  virtual int label(std::size_t index) const = 0;  // label id
  // Where the picture came from, for people: a path, or "FILE[index]".
  virtual std::string name(std::size_t index) const = 0;
  // Pictures of one group (a GTSRB track) belong on the same side of a
  // validation split. A picture's own name where the set has no groups.
  virtual std::string group(std::size_t index) const { return name(index); }
  // Decodes. Throws Error kBadData or kCannotRead.
  virtual Picture picture(std::size_t index) const = 0;
};

// layout: imagefolder (a folder per class), mnist (IDX files, gzip or not), or
// gtsrb (official layout with ;-CSV files, or Kaggle's Train/Test folders);
// empty: found out from what lies at path. Throws Error kNotFound, kBadData
// (naming the first offending file), or kInvalidArgument for an unknown layout.
std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& path,
                                      const std::string& layout, Split split);

// The layout's name as above, from what lies at path. Throws Error kNotFound.
std::string detect_layout(const std::filesystem::path& path);

// Whether the set at path keeps validation pictures apart by itself.
bool has_validation(const std::filesystem::path& path,
                    const std::string& layout);

// Some pictures of a set, in the order of indices. base outlives it.
std::unique_ptr<Dataset> subset(const Dataset& base,
                                std::vector<std::size_t> indices);

// Indices of a set, divided so that no group is on both sides and every class
// with at least two groups is on both; a share of about validation_share
// (0 to 1) of each class's groups goes to validation. Same seed, same split.
// Throws Error kInvalidArgument for another share.
struct TrainValidation {
  std::vector<std::size_t> train;
  std::vector<std::size_t> validation;
};
TrainValidation split_by_group(const Dataset& dataset, double validation_share,
                               std::uint64_t seed);

}  // namespace torchclassify
