// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trainer/loader_pictures.h"

#include <cstring>

namespace support {
using namespace torchclassify;

FormulaPictures::FormulaPictures(std::size_t size, std::size_t classes)
    : size_(size) {
  for (std::size_t i = 0; i < classes; ++i)
    classes_.push_back("class " + std::to_string(i));
}

Picture FormulaPictures::picture(std::size_t i) const {
  Picture picture;
  picture.width = 9 + static_cast<int>(i * 5 % 17);
  picture.height = 8 + static_cast<int>(i * 3 % 11);
  picture.channels = i % 3 == 2 ? 1 : 3;
  const int bytes = picture.width * picture.height * picture.channels;
  for (int at = 0; at < bytes; ++at)
    picture.pixels.push_back(
        static_cast<std::uint8_t>(at * 37 + static_cast<int>(i) * 101));
  return picture;
}

Preprocessing small_input() {
  Preprocessing input;
  input.resize_size = 14;
  input.crop_width = 12;
  input.crop_height = 10;
  return input;
}

LoaderOptions busy_options() {
  LoaderOptions options;
  options.training = true;
  options.batch_size = 4;
  options.augment.crop = CropMode::kRandomResized;
  options.augment.hflip = 0.5;
  options.augment.brightness = options.augment.saturation = 0.3;
  options.augment.erase = 0.3;
  options.mixup_alpha = options.cutmix_alpha = 1;
  options.mix_probability = 0.7;
  return options;
}

std::vector<Batch> run_pass(Loader& loader, std::uint64_t epoch,
                            std::size_t first_batch) {
  loader.start(epoch, first_batch);
  std::vector<Batch> batches;
  for (std::size_t i = first_batch; i < loader.batches(); ++i)
    batches.push_back(loader.next());
  return batches;
}

bool same(const Batch& a, const Batch& b) {
  return a.size == b.size && a.inputs.size() == b.inputs.size() &&
         std::memcmp(a.inputs.data(), b.inputs.data(),
                     a.inputs.size() * sizeof(float)) == 0 &&
         a.labels == b.labels && a.targets == b.targets &&
         a.indices == b.indices && a.second_labels == b.second_labels &&
         a.first_weight == b.first_weight;
}

}  // namespace support
