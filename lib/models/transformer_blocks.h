// SPDX-License-Identifier: LGPL-2.1-or-later
// What the families with attention share.
#pragma once

#include <cstdint>

#include <torch/nn/modules/normalization.h>
#include <torch/types.h>

#include "models/blocks.h"

namespace torchclassify::nn {

torch::nn::LayerNorm layer_norm(std::int64_t channels, double eps = 1e-5);

struct MlpShape {
  std::int64_t channels = 0;  // in and out
  std::int64_t hidden = 0;
  double dropout = 0;  // after each layer, while training
};

// torchvision's MLP with GELU, on the last dimension: linear layers "0" and
// "3", with Xavier's initialisation.
class MlpImpl : public NestedSequentialImpl {
 public:
  explicit MlpImpl(const MlpShape& shape);
};
TORCH_MODULE(Mlp);

// Each [N, heads, tokens, width].
struct AttentionHeads {
  torch::Tensor query;
  torch::Tensor key;
  torch::Tensor value;
};

// Views of [N, tokens, 3 heads width], one projection's output.
AttentionHeads split_heads(const torch::Tensor& qkv, std::int64_t heads);

// [N, heads, tokens, width] to [N, tokens, heads width].
torch::Tensor join_heads(const torch::Tensor& x);

}  // namespace torchclassify::nn
