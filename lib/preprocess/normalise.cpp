// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/normalise.h"

namespace torchclassify {

Normaliser::Normaliser(const Preprocessing& preprocessing)
    : table_(preprocessing.mean.size()) {
  for (std::size_t channel = 0; channel < table_.size(); ++channel) {
    const float mean = preprocessing.mean[channel];
    const float std = preprocessing.std[channel];
    for (int value = 0; value < 256; ++value) {
      const float scaled = static_cast<float>(value) / 255.0f;
      table_[channel][value] = (scaled - mean) / std;
    }
    scale_.push_back(1.0f / (255.0f * std));
    offset_.push_back(-mean / std);
  }
}

}  // namespace torchclassify
