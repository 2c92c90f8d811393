// SPDX-License-Identifier: LGPL-2.1-or-later
// Mixup and cutmix: a batch mixed with itself, rolled by one.
#pragma once

#include <cstddef>
#include <optional>

#include "random.h"
#include "torchclassify/train/loader.h"

namespace torchclassify {

// How a batch is mixed: by a weighted sum, or by a box of the second picture.
struct Mix {
  double first_weight = 1;  // of the labels
  bool cut = false;
  int left = 0, top = 0, right = 0, bottom = 0;  // of the box, pixels; if cut
};

// The box of RandomCutmix around (x, y), cut at the picture's edges, and the
// weight that its area leaves to the first label.
Mix cut_around(int x, int y, double first_weight, int width, int height);

// Draws as torchvision's references do (transforms.RandomMixup, RandomCutmix,
// one of the two by RandomChoice). Nothing: the batch stays as it is.
std::optional<Mix> draw_mix(const LoaderOptions& options, int width, int height,
                            KeyedRandom random);

// Mixes picture i ([height, width, channels], and its targets) with picture
// i - 1, the first with the last, and says so in the batch. Arithmetic in
// float32, as torchvision's.
void mix_batch(const Mix& mix, int width, int channels, Batch& batch);

}  // namespace torchclassify
