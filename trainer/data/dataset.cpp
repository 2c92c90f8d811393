// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/dataset.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/layouts.h"
#include "random.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

void require_folder(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    throw Error(
        ErrorCode::kNotFound,
        "expected a folder with a data set, got none at " + path.string());
}

class Subset : public Dataset {
 public:
  Subset(const Dataset& base, std::vector<std::size_t> indices)
      : base_(base), indices_(std::move(indices)) {}

  const std::vector<std::string>& classes() const override {
    return base_.classes();
  }
  std::size_t size() const override { return indices_.size(); }
  int label(std::size_t index) const override {
    return base_.label(indices_[index]);
  }
  std::string name(std::size_t index) const override {
    return base_.name(indices_[index]);
  }
  std::string group(std::size_t index) const override {
    return base_.group(indices_[index]);
  }
  Picture picture(std::size_t index) const override {
    return base_.picture(indices_[index]);
  }

 private:
  const Dataset& base_;
  std::vector<std::size_t> indices_;
};

// How many of a class's groups go to validation: none of a lone one, and
// neither none nor all of several.
std::size_t validation_groups(std::size_t groups, double share) {
  if (groups < 2 || share == 0)
    return 0;
  const auto wanted = std::lround(share * static_cast<double>(groups));
  return std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1,
                                 groups - 1);
}

}  // namespace

std::string detect_layout(const fs::path& path) {
  require_folder(path);
  if (is_mnist(path))
    return "mnist";
  return is_gtsrb(path) ? "gtsrb" : "imagefolder";
}

std::unique_ptr<Dataset> open_dataset(const fs::path& path,
                                      const std::string& layout, Split split) {
  require_folder(path);
  const std::string name = layout.empty() ? detect_layout(path) : layout;
  if (name == "mnist")
    return open_mnist(path, split);
  if (name == "gtsrb")
    return open_gtsrb(path, split);
  if (name == "imagefolder")
    return open_image_folder(path, split);
  throw Error(ErrorCode::kInvalidArgument,
              "expected the layout imagefolder, mnist or gtsrb, got \"" +
                  layout + "\"");
}

bool has_validation(const fs::path& path, const std::string& layout) {
  const std::string name = layout.empty() ? detect_layout(path) : layout;
  if (name == "imagefolder")
    return has_validation_folder(path);
  return name == "mnist";
}

std::unique_ptr<Dataset> subset(const Dataset& base,
                                std::vector<std::size_t> indices) {
  return std::make_unique<Subset>(base, std::move(indices));
}

TrainValidation split_by_group(const Dataset& dataset, double validation_share,
                               std::uint64_t seed) {
  if (!(validation_share >= 0 && validation_share <= 1))
    throw Error(ErrorCode::kInvalidArgument,
                "expected a validation share from 0 to 1, got " +
                    std::to_string(validation_share));
  // A group belongs to the class of its first picture.
  std::map<std::string, std::vector<std::size_t>> members;
  std::map<int, std::vector<std::string>> groups;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    auto& pictures = members[dataset.group(i)];
    if (pictures.empty())
      groups[dataset.label(i)].push_back(dataset.group(i));
    pictures.push_back(i);
  }

  TrainValidation split;
  for (auto& [label, names] : groups) {
    KeyedRandom({seed, static_cast<std::uint64_t>(label)}).shuffle(names);
    const std::size_t held_out =
        validation_groups(names.size(), validation_share);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& pictures = members[names[i]];
      auto& side = i < held_out ? split.validation : split.train;
      side.insert(side.end(), pictures.begin(), pictures.end());
    }
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace torchclassify
