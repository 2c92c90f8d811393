// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/relative_position.h"

#include <torch/torch.h>

namespace torchclassify::nn {

torch::Tensor relative_position_index(std::int64_t window) {
  const auto token = torch::arange(window * window);
  const auto row = torch::floor_divide(token, window);
  const auto column = token.remainder(window);
  const auto distances = [window](const torch::Tensor& places) {
    return places.unsqueeze(1) - places.unsqueeze(0) + (window - 1);
  };
  return distances(row) * (2 * window - 1) + distances(column);
}

torch::Tensor relative_coords_table(std::int64_t window) {
  const auto distance = torch::arange(1 - window, window, torch::kFloat);
  auto table = torch::stack(torch::meshgrid({distance, distance}, "ij"),
                            /*dim=*/-1)
                   .unsqueeze(0);
  table = table / (window - 1) * 8;
  return torch::sign(table) * torch::log2(table.abs() + 1) / 3;
}

torch::Tensor relative_position_bias(const torch::Tensor& table,
                                     const torch::Tensor& index,
                                     std::int64_t window) {
  const std::int64_t tokens = window * window;
  // Module::to() makes floating-point numbers of buffers.
  const auto entries = index.flatten().to(torch::kLong);
  return table
      .index_select(/*dim=*/0, entries)  // [tokens^2, heads]
      .view({tokens, tokens, -1})
      .permute({2, 0, 1})
      .contiguous()
      .unsqueeze(0);
}

}  // namespace torchclassify::nn
