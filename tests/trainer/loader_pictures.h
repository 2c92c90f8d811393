// SPDX-License-Identifier: LGPL-2.1-or-later
// What the loader's tests load: pictures by formula, and how batches compare.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/loader.h"

namespace support {

// Pictures of several sizes, every third one grey; classes in turn.
class FormulaPictures : public torchclassify::Dataset {
 public:
  explicit FormulaPictures(std::size_t size, std::size_t classes = 3);

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override {
    return static_cast<int>(i % classes_.size());
  }
  std::string name(std::size_t i) const override { return std::to_string(i); }
  torchclassify::Picture picture(std::size_t i) const override;

 private:
  std::size_t size_;
  std::vector<std::string> classes_;
};

// 12 x 10 pixels, resized to 14 and cropped.
torchclassify::Preprocessing small_input();

// Training with random resized crops, flips, colours and both kinds of mixing.
torchclassify::LoaderOptions busy_options();

// A whole pass, from first_batch on.
std::vector<torchclassify::Batch> run_pass(torchclassify::Loader& loader,
                                           std::uint64_t epoch,
                                           std::size_t first_batch = 0);

bool same(const torchclassify::Batch& a, const torchclassify::Batch& b);

}  // namespace support
