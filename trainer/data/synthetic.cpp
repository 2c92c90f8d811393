// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures without a disk: coloured noise.
#include <array>
#include <utility>

#include "random.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {
namespace {

constexpr std::uint64_t kSeed = 0x5e7;
constexpr unsigned kNoise = 64;  // levels

class SyntheticSet : public Dataset {
 public:
  SyntheticSet(std::size_t size, int classes, int width, int height)
      : size_(size), width_(width), height_(height) {
    for (int label = 0; label < classes; ++label)
      classes_.push_back(std::to_string(label));
  }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return size_; }
  int label(std::size_t index) const override {
    return static_cast<int>(index * classes_.size() / size_);
  }
  std::string name(std::size_t index) const override {
    return "synthetic[" + std::to_string(index) + "]";
  }

  Picture picture(std::size_t index) const override {
    Picture picture{.width = width_, .height = height_};
    const auto colour = colour_of(label(index));
    auto& pixels = picture.pixels;
    pixels.resize(3 * static_cast<std::size_t>(width_) *
                  static_cast<std::size_t>(height_));
    KeyedRandom random({kSeed, index});
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i, bits >>= 8) {
      if (i % 8 == 0)
        bits = random.next();
      pixels[i] = static_cast<std::uint8_t>(colour[i % 3] + bits % kNoise);
    }
    return picture;
  }

 private:
  // 64 steps of each channel, far apart for neighbours: 2^18 colours.
  static std::array<unsigned, 3> colour_of(int label) {
    std::array<unsigned, 3> colour = {};
    for (unsigned bit = 0; bit < 18; ++bit) {
      if (label >> bit & 1)
        colour[bit % 3] |= 32u >> bit / 3;
    }
    for (unsigned& level : colour) level *= (256 - kNoise) / 64;
    return colour;
  }

  std::size_t size_;
  int width_, height_;  // pixels
  std::vector<std::string> classes_;
};

}  // namespace

std::unique_ptr<Dataset> synthetic_dataset(std::size_t size, int classes,
                                           int width, int height) {
  if (size == 0 || classes < 1)
    throw Error(ErrorCode::kInvalidArgument,
                "expected at least a picture and a class, got " +
                    std::to_string(size) + " and " + std::to_string(classes));
  if (width < 1 || height < 1 || width > kMaxImageSide ||
      height > kMaxImageSide || std::int64_t{width} * height > kMaxPixels)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a size from 1x1 to " + std::to_string(kMaxPixels) +
                    " pixels, got " + std::to_string(width) + "x" +
                    std::to_string(height));
  return std::make_unique<SyntheticSet>(size, classes, width, height);
}

}  // namespace torchclassify
