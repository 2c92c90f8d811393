// SPDX-License-Identifier: LGPL-2.1-or-later
// A data set in memory, as a test wants it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "random.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"

namespace support {

struct MadePicture {
  torchclassify::Picture picture;
  std::vector<int> labels;
  std::string group;  // empty: none
  // What reading throws instead.
  std::optional<torchclassify::ErrorCode> failure;
};

// Pictures are named "picture 0", "picture 1", ...
class MadeDataset : public torchclassify::Dataset {
 public:
  MadeDataset(std::vector<std::string> classes,
              std::vector<MadePicture> pictures)
      : classes_(std::move(classes)), pictures_(std::move(pictures)) {}

  void make_multi_label() { multi_label_ = true; }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return pictures_.size(); }
  int label(std::size_t index) const override {
    const auto& labels = pictures_[index].labels;
    return labels.empty() ? -1 : labels.front();
  }
  bool multi_label() const override { return multi_label_; }
  std::vector<int> labels(std::size_t index) const override {
    return pictures_[index].labels;
  }
  std::string name(std::size_t index) const override {
    return "picture " + std::to_string(index);
  }
  std::string group(std::size_t index) const override {
    const std::string& group = pictures_[index].group;
    return group.empty() ? name(index) : group;
  }
  torchclassify::Picture picture(std::size_t index) const override {
    if (pictures_[index].failure)
      throw torchclassify::Error(*pictures_[index].failure,
                                 "it is broken: " + name(index));
    return pictures_[index].picture;
  }

 private:
  std::vector<std::string> classes_;
  std::vector<MadePicture> pictures_;
  bool multi_label_ = false;
};

// RGB; another picture for each seed.
inline torchclassify::Picture noise(std::uint64_t seed, unsigned width = 32,
                                    unsigned height = 32) {
  torchclassify::Picture picture{.width = static_cast<int>(width),
                                 .height = static_cast<int>(height)};
  picture.pixels.resize(std::size_t{3} * width * height);
  torchclassify::KeyedRandom random({seed});
  for (auto& value : picture.pixels)
    value = static_cast<std::uint8_t>(random.below(200));
  return picture;
}

inline torchclassify::Picture flat(int width, int height,
                                   std::array<std::uint8_t, 3> color) {
  torchclassify::Picture picture{.width = width, .height = height};
  for (int i = 0; i < width * height; ++i)
    picture.pixels.insert(picture.pixels.end(), color.begin(), color.end());
  return picture;
}

}  // namespace support
