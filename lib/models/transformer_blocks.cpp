// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/transformer_blocks.h"

#include <torch/torch.h>

namespace torchclassify::nn {
namespace {

void initialize(torch::nn::Linear& linear) {
  torch::nn::init::xavier_uniform_(linear->weight);
  torch::nn::init::normal_(linear->bias, /*mean=*/0, /*std=*/1e-6);
}

}  // namespace

torch::nn::LayerNorm layer_norm(std::int64_t channels, double eps) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(eps));
}

MlpImpl::MlpImpl(const MlpShape& shape) {
  torch::nn::Linear first(shape.channels, shape.hidden);
  torch::nn::Linear second(shape.hidden, shape.channels);
  push_back(first);
  push_back(Activation(Nonlinearity::kGelu));
  push_back(torch::nn::Dropout(shape.dropout));
  push_back(second);
  push_back(torch::nn::Dropout(shape.dropout));
  initialize(first);
  initialize(second);
}

AttentionHeads split_heads(const torch::Tensor& qkv, std::int64_t heads) {
  const std::int64_t width = qkv.size(2) / 3 / heads;
  const auto split =
      qkv.view({qkv.size(0), qkv.size(1), 3, heads, width})
          .permute({2, 0, 3, 1, 4});  // [3, N, heads, tokens, width]
  return {.query = split[0], .key = split[1], .value = split[2]};
}

torch::Tensor join_heads(const torch::Tensor& x) {
  return x.transpose(1, 2).flatten(/*start_dim=*/2);
}

}  // namespace torchclassify::nn
