// SPDX-License-Identifier: LGPL-2.1-or-later
// Swin Transformer's attention inside windows of the picture.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "models/kept_tensor.h"

namespace torchclassify::nn {

struct WindowAttentionShape {
  std::int64_t channels = 0;
  std::int64_t heads = 1;
  std::int64_t window = 7;  // tokens, square
  bool shifted = false;     // windows lie half a window lower and further right
  // Version 2: attends by the cosine of query and key, and a small network
  // gives the bias of positions.
  bool cosine = false;
  double dropout = 0;  // of the result, while training
};

// torchvision's ShiftedWindowAttention and ShiftedWindowAttentionV2.
class ShiftedWindowAttentionImpl : public torch::nn::Module {
 public:
  explicit ShiftedWindowAttentionImpl(const WindowAttentionShape& shape);
  // [N, h, w, channels] to the same, any h and w.
  torch::Tensor forward(torch::Tensor x);

 private:
  void add_position_network();
  torch::Tensor attend(const torch::Tensor& x, const torch::Tensor& bias);
  torch::Tensor qkv_bias();
  torch::Tensor position_bias();
  torch::Tensor position_bias_table();

  const WindowAttentionShape shape_;
  torch::nn::Linear qkv_;
  torch::nn::Linear proj_;
  torch::Tensor relative_position_index_;  // [window^4]
  KeptTensor position_bias_;               // [1, heads, window^2, window^2]

  // Version 1's only:
  torch::Tensor relative_position_bias_table_;  // [relative positions, heads]
  // Version 2's only:
  torch::Tensor logit_scale_;            // [heads, 1, 1]
  torch::Tensor relative_coords_table_;  // [1, 2 window - 1, 2 window - 1, 2]
  torch::nn::Sequential cpb_mlp_{nullptr};
};
TORCH_MODULE(ShiftedWindowAttention);

}  // namespace torchclassify::nn
