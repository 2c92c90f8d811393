// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/shifted_window_attention.h"

#include <cmath>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/relative_position.h"
#include "models/transformer_blocks.h"

namespace torchclassify::nn {
namespace {

// How windows lie on tokens [N, h, w, channels].
struct WindowGrid {
  std::int64_t rows = 0;     // windows
  std::int64_t columns = 0;  // windows
  std::int64_t window = 0;   // tokens
  std::int64_t shift_y = 0;  // tokens
  std::int64_t shift_x = 0;  // tokens

  std::int64_t height() const { return rows * window; }    // tokens
  std::int64_t width() const { return columns * window; }  // tokens
  std::int64_t windows() const { return rows * columns; }
  bool shifted() const { return shift_y + shift_x > 0; }
};

WindowGrid grid_on(const torch::Tensor& x, const WindowAttentionShape& shape) {
  const std::int64_t window = shape.window;
  WindowGrid grid{.rows = (x.size(1) + window - 1) / window,
                  .columns = (x.size(2) + window - 1) / window,
                  .window = window};
  // A single window needs no shift to see everything.
  if (shape.shifted && grid.rows > 1)
    grid.shift_y = window / 2;
  if (shape.shifted && grid.columns > 1)
    grid.shift_x = window / 2;
  return grid;
}

// [N, h, w, channels] to [N windows, window^2, channels], with zeros beyond
// the edges.
torch::Tensor into_windows(torch::Tensor x, const WindowGrid& grid) {
  const std::int64_t below = grid.height() - x.size(1);
  const std::int64_t right = grid.width() - x.size(2);
  if (below + right > 0)
    x = torch::constant_pad_nd(x, {0, 0, 0, right, 0, below});
  if (grid.shifted())
    x = x.roll({-grid.shift_y, -grid.shift_x}, {1, 2});
  return x
      .reshape(
          {-1, grid.rows, grid.window, grid.columns, grid.window, x.size(3)})
      .transpose(2, 3)
      .reshape({-1, grid.window * grid.window, x.size(3)});
}

// The way back to [N, h, w, channels].
torch::Tensor out_of_windows(torch::Tensor x, const WindowGrid& grid,
                             std::int64_t h, std::int64_t w) {
  const std::int64_t channels = x.size(2);
  x = x.view({-1, grid.rows, grid.columns, grid.window, grid.window, channels})
          .transpose(2, 3)
          .reshape({-1, grid.height(), grid.width(), channels});
  if (grid.shifted())
    x = x.roll({grid.shift_y, grid.shift_x}, {1, 2});
  return x.slice(/*dim=*/1, 0, h).slice(/*dim=*/2, 0, w).contiguous();
}

// 0, 1 or 2 per row (or column): rows of different numbers are no neighbours,
// though rolling puts them into one window.
torch::Tensor regions(std::int64_t size, std::int64_t window,
                      std::int64_t shift, const torch::Device& device) {
  const auto place = torch::arange(size, device);
  if (shift == 0)
    return torch::zeros_like(place);
  return place.ge(size - window).to(torch::kLong) + place.ge(size - shift);
}

// [windows, 1, window^2, window^2]: -100 between tokens of different regions.
torch::Tensor shift_mask(const WindowGrid& grid,
                         const torch::TensorOptions& options) {
  const auto device = options.device();
  const auto y = regions(grid.height(), grid.window, grid.shift_y, device);
  const auto x = regions(grid.width(), grid.window, grid.shift_x, device);
  WindowGrid unshifted = grid;  // the regions are those of rolled tokens
  unshifted.shift_y = unshifted.shift_x = 0;
  const auto region =
      into_windows(y.view({1, -1, 1, 1}) * 3 + x.view({1, 1, -1, 1}), unshifted)
          .squeeze(-1);  // [windows, window^2]
  return region.unsqueeze(1)
      .ne(region.unsqueeze(2))
      .unsqueeze(1)
      .to(options)
      .mul_(-100);
}

// 0 stays 0, as tokens beyond the edges are: half precision's smallest normal
// number takes the place of the usual 1e-12 there.
torch::Tensor unit_length(const torch::Tensor& x) {
  const double least = x.scalar_type() == torch::kHalf ? 6.2e-5 : 1e-12;
  return torch::nn::functional::normalize(
      x, torch::nn::functional::NormalizeFuncOptions().dim(-1).eps(least));
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
ShiftedWindowAttentionImpl::ShiftedWindowAttentionImpl(
    const WindowAttentionShape& shape)
    : shape_(shape),
      qkv_(shape.channels, 3 * shape.channels),
      proj_(shape.channels, shape.channels) {
  register_module("qkv", qkv_);
  register_module("proj", proj_);
  relative_position_index_ =
      register_buffer("relative_position_index",
                      relative_position_index(shape.window).flatten());
  if (shape.cosine) {
    add_position_network();
    return;
  }
  relative_position_bias_table_ = register_parameter(
      "relative_position_bias_table",
      torch::zeros({relative_positions(shape.window), shape.heads}));
  truncated_normal_(relative_position_bias_table_, {.std = 0.02});
}

void ShiftedWindowAttentionImpl::add_position_network() {
  constexpr std::int64_t kHidden = 512;
  relative_coords_table_ = register_buffer(
      "relative_coords_table", relative_coords_table(shape_.window));
  logit_scale_ = register_parameter(
      "logit_scale", torch::full({shape_.heads, 1, 1}, std::log(10.0)));
  cpb_mlp_ = register_module(
      "cpb_mlp",
      torch::nn::Sequential(
          torch::nn::Linear(2, kHidden), Activation(Nonlinearity::kRelu),
          torch::nn::Linear(
              torch::nn::LinearOptions(kHidden, shape_.heads).bias(false))));
}

torch::Tensor ShiftedWindowAttentionImpl::forward(torch::Tensor x) {
  const WindowGrid grid = grid_on(x, shape_);
  const std::int64_t pictures = x.size(0);
  auto bias = position_bias();  // [1, heads, window^2, window^2]
  if (grid.shifted())
    bias = (bias + shift_mask(grid, bias.options()))
               .expand({pictures, -1, -1, -1, -1})
               .flatten(0, 1);     // [N windows, heads, window^2, window^2]
  auto y = into_windows(x, grid);  // [N windows, window^2, channels]
  y = torch::dropout(proj_(attend(y, bias)), shape_.dropout, is_training());
  return out_of_windows(y, grid, x.size(1), x.size(2));
}

torch::Tensor ShiftedWindowAttentionImpl::attend(const torch::Tensor& x,
                                                 const torch::Tensor& bias) {
  auto [query, key, value] =
      split_heads(torch::linear(x, qkv_->weight, qkv_bias()), shape_.heads);
  std::optional<double> scale;  // 1 / sqrt(width of a head)
  if (shape_.cosine) {
    query = unit_length(query) * logit_scale_.clamp_max(std::log(100.0)).exp();
    key = unit_length(key);
    scale = 1;
  }
  return join_heads(torch::scaled_dot_product_attention(
      query, key, value, bias, /*dropout_p=*/0, /*is_causal=*/false, scale));
}

torch::Tensor ShiftedWindowAttentionImpl::qkv_bias() {
  if (!shape_.cosine)
    return qkv_->bias;
  // Version 2's keys have none, whatever the file says.
  auto bias = qkv_->bias.clone();
  bias.slice(/*dim=*/0, shape_.channels, 2 * shape_.channels).zero_();
  return bias;
}

torch::Tensor ShiftedWindowAttentionImpl::position_bias() {
  std::vector<torch::Tensor> sources = {relative_position_index_};
  if (shape_.cosine) {
    sources.push_back(relative_coords_table_);
    for (const auto& parameter : cpb_mlp_->parameters())
      sources.push_back(parameter);
  } else {
    sources.push_back(relative_position_bias_table_);
  }
  return position_bias_.get(*this, sources, [this] {
    return relative_position_bias(position_bias_table(),
                                  relative_position_index_, shape_.window);
  });
}

torch::Tensor ShiftedWindowAttentionImpl::position_bias_table() {
  if (!shape_.cosine)
    return relative_position_bias_table_;
  const auto table = cpb_mlp_->forward(relative_coords_table_);
  return table.view({-1, shape_.heads}).sigmoid() * 16;
}

}  // namespace torchclassify::nn
