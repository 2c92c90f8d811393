// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/mixing.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace torchclassify {
namespace {

// Calls change(i, of, with) from the last row to the second, then for the
// first with the last one's original: each row sees its neighbour unmixed.
template <typename Value, typename Change>
void change_rolled(std::vector<Value>& values, std::size_t rows,
                   Change change) {
  const std::size_t row = values.size() / rows;
  const std::vector<Value> last(values.end() - static_cast<std::ptrdiff_t>(row),
                                values.end());
  for (std::size_t i = rows - 1; i > 0; --i)
    change(values.data() + i * row, values.data() + (i - 1) * row, row);
  change(values.data(), last.data(), row);
}

void blend(std::vector<float>& values, std::size_t rows, double first_weight) {
  const auto first = static_cast<float>(first_weight);
  const auto second = static_cast<float>(1 - first_weight);
  change_rolled(values, rows,
                [=](float* of, const float* with, std::size_t count) {
                  for (std::size_t i = 0; i < count; ++i)
                    of[i] = of[i] * first + with[i] * second;
                });
}

void paste(const Mix& mix, int width, int channels, Batch& batch) {
  const auto floats = static_cast<std::size_t>(mix.right - mix.left) * channels;
  change_rolled(
      batch.inputs, batch.size, [&](float* of, const float* with, std::size_t) {
        for (int y = mix.top; y < mix.bottom; ++y) {
          const std::size_t at =
              (static_cast<std::size_t>(y) * width + mix.left) * channels;
          std::copy_n(with + at, floats, of + at);
        }
      });
}

}  // namespace

Mix cut_around(int x, int y, double first_weight, int width, int height) {
  const double share = 0.5 * std::sqrt(1 - first_weight);
  const int half_width = static_cast<int>(share * width);
  const int half_height = static_cast<int>(share * height);
  Mix mix{.cut = true};
  mix.left = std::max(x - half_width, 0);
  mix.top = std::max(y - half_height, 0);
  mix.right = std::min(x + half_width, width);
  mix.bottom = std::min(y + half_height, height);
  const double area =
      static_cast<double>(mix.right - mix.left) * (mix.bottom - mix.top);
  mix.first_weight = 1 - area / (static_cast<double>(width) * height);
  return mix;
}

std::optional<Mix> draw_mix(const LoaderOptions& options, int width, int height,
                            KeyedRandom random) {
  const bool mixes = options.mixup_alpha > 0;
  const bool cuts = options.cutmix_alpha > 0;
  if (!(mixes || cuts) || random.uniform() >= options.mix_probability)
    return {};
  const bool cut = cuts && (!mixes || random.below(2) == 1);
  const double alpha = cut ? options.cutmix_alpha : options.mixup_alpha;
  const double first_weight = random.beta(alpha, alpha);
  if (!cut)
    return Mix{.first_weight = first_weight};
  const auto x = random.below(static_cast<std::uint64_t>(width));
  const auto y = random.below(static_cast<std::uint64_t>(height));
  return cut_around(static_cast<int>(x), static_cast<int>(y), first_weight,
                    width, height);
}

void mix_batch(const Mix& mix, int width, int channels, Batch& batch) {
  if (batch.size == 0)
    return;
  if (mix.cut)
    paste(mix, width, channels, batch);
  else
    blend(batch.inputs, batch.size, mix.first_weight);
  blend(batch.targets, batch.size, mix.first_weight);
  batch.second_labels = batch.labels;
  std::rotate(batch.second_labels.begin(), batch.second_labels.end() - 1,
              batch.second_labels.end());
  batch.first_weight = mix.first_weight;
}

}  // namespace torchclassify
