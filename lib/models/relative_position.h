// SPDX-License-Identifier: LGPL-2.1-or-later
// What attention inside a square window adds for how tokens lie to each other.
#pragma once

#include <cstdint>

#include <torch/types.h>

namespace torchclassify::nn {

// How many ways two tokens of a window lie to each other.
constexpr std::int64_t relative_positions(std::int64_t window) {
  return (2 * window - 1) * (2 * window - 1);
}

// int64 [window^2, window^2]: which of them, in [0, relative_positions()), for
// each pair of tokens; these are counted row by row.
torch::Tensor relative_position_index(std::int64_t window);

// float32 [1, 2 window - 1, 2 window - 1, 2]: distances of two tokens, on a
// logarithmic scale (equation 4 of Swin V2's paper).
torch::Tensor relative_coords_table(std::int64_t window);

// table: [relative positions, heads]; index: window^4 entries of the above, of
// any type. Returns [1, heads, window^2, window^2].
torch::Tensor relative_position_bias(const torch::Tensor& table,
                                     const torch::Tensor& index,
                                     std::int64_t window);

}  // namespace torchclassify::nn
