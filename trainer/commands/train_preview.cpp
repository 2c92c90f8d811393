// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/train_preview.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "augment/augmenter.h"
#include "augment/contact_sheet.h"
#include "formats/atomic_file.h"
#include "training/sources.h"

namespace torchclassify {
namespace {

constexpr std::size_t kRows = 8;
constexpr std::uint64_t kVariants = 7;

class Sheet {
 public:
  Sheet(const AugmentOptions& augment, const Preprocessing& input,
        std::uint64_t seed)
      : plain_({}, input), changing_(augment, input), seed_(seed) {}

  void add(const Picture& picture, std::size_t index) {
    add(plain_, picture, {seed_, 0, index});
    for (std::uint64_t epoch = 1; epoch <= kVariants; ++epoch)
      add(changing_, picture, {seed_, epoch, index});
  }

  const std::vector<AugmentedPicture>& pictures() const { return pictures_; }

 private:
  void add(Augmenter& augmenter, const Picture& picture,
           std::initializer_list<std::uint64_t> key) {
    AugmentedPicture result;
    if (augmenter.needs_original()) {
      augmenter.run(picture.view(), KeyedRandom(key), result);
    } else {
      Picture base;
      augmenter.base(picture.view(), base);
      augmenter.run(base.view(), KeyedRandom(key), result);
    }
    pictures_.push_back(std::move(result));
  }

  Augmenter plain_, changing_;
  const std::uint64_t seed_;
  std::vector<AugmentedPicture> pictures_;
};

}  // namespace

void write_preview(const Dataset& training, const TrainRequest& request) {
  const TrainOptions& options = request.options;
  const Preprocessing input = training_input(options);
  Sheet sheet(options.augment, input, options.seed);
  const std::size_t rows = std::min(kRows, training.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t index = row * training.size() / rows;
    sheet.add(training.picture(index), index);
  }
  const std::vector<std::uint8_t> png =
      contact_sheet_png(sheet.pictures(), input.crop_width, input.crop_height,
                        input.channels, static_cast<int>(kVariants + 1));
  write_text_file(request.preview, std::string(png.begin(), png.end()));
}

}  // namespace torchclassify
