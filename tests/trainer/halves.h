// SPDX-License-Identifier: LGPL-2.1-or-later
// What the training's tests learn: pictures by formula, bright at the left or
// at the right.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "torchclassify/train/train.h"

namespace support {

constexpr int kHalvesSide = 8;  // pixels

class Halves : public torchclassify::Dataset {
 public:
  // labels: how many of the classes occur.
  explicit Halves(std::size_t size,
                  std::vector<std::string> classes = {"left", "right"},
                  std::size_t labels = 2)
      : size_(size), classes_(std::move(classes)), labels_(labels) {}

  // Reading these throws.
  Halves& break_pictures(std::set<std::size_t> broken) {
    broken_ = std::move(broken);
    return *this;
  }
  // Every third picture has both labels.
  Halves& make_multi_label() {
    multi_label_ = true;
    return *this;
  }
  // The first class has all pictures but every nth.
  Halves& make_rare(std::size_t nth) {
    rare_ = nth;
    return *this;
  }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override;
  bool multi_label() const override { return multi_label_; }
  std::vector<int> labels(std::size_t i) const override;
  std::string name(std::size_t i) const override {
    return "picture-" + std::to_string(i);
  }
  torchclassify::Picture picture(std::size_t i) const override;

 private:
  std::size_t size_;
  std::vector<std::string> classes_;
  std::size_t labels_;
  std::set<std::size_t> broken_;
  bool multi_label_ = false;
  std::size_t rare_ = 0;
};

// Two epochs of a simple_cnn in batches of 8.
torchclassify::TrainOptions small_options(const std::filesystem::path& output);

// The bytes of a file's tensors, without what it says of itself.
std::string tensor_bytes(const std::filesystem::path& path);
// All numbers of a float32 bundle's weights, in the order of their names.
std::vector<float> weights_of(const std::filesystem::path& path);
// The largest difference of the two.
double largest_difference(const std::vector<float>& a,
                          const std::vector<float>& b);

}  // namespace support
