// SPDX-License-Identifier: LGPL-2.1-or-later
// Vision Transformer (Dosovitskiy et al. 2021), as torchvision's.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/normalization.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct VisionTransformerOptions {
  std::int64_t image_size = 224;  // pixels, square: a multiple of patch_size
  std::int64_t patch_size = 16;   // pixels, square: one token each
  std::int64_t layers = 12;
  std::int64_t heads = 12;       // of each layer's attention
  std::int64_t hidden = 768;     // numbers per token: a multiple of heads
  std::int64_t mlp = 3072;       // numbers per token inside the MLPs
  double dropout = 0;            // after each part, while training
  double attention_dropout = 0;  // of attention weights, while training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

// Blocks of attention and MLP on tokens: "pos_embedding", "layers", "ln".
class TransformerEncoderImpl : public torch::nn::Module {
 public:
  TransformerEncoderImpl(const VisionTransformerOptions& options,
                         std::int64_t tokens);
  // [N, tokens, hidden] to the same: all blocks but the last.
  torch::Tensor forward_tokens(torch::Tensor x);
  // Those to the first token's [N, hidden]: the last block and "ln".
  torch::Tensor forward_last(torch::Tensor x);

 private:
  const double dropout_;
  torch::Tensor pos_embedding_;  // [1, tokens, hidden]
  torch::nn::Sequential layers_;
  torch::nn::LayerNorm ln_{nullptr};
};
TORCH_MODULE(TransformerEncoder);

class VisionTransformerImpl : public ImageClassifierImpl {
 public:
  // Throws Error kInvalidArgument if image_size is no multiple of patch_size.
  explicit VisionTransformerImpl(const VisionTransformerOptions& options);
  // x is image_size high and wide, or Error kInvalidArgument is thrown. Returns
  // [N, tokens, hidden], the class token first, then the patches row by row, as
  // the last block of the encoder gets them: that one pools them into the class
  // token, and on what it makes of the others no logit depends.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  const std::int64_t image_size_;
  torch::nn::Conv2d conv_proj_{nullptr};
  torch::Tensor class_token_;  // [1, 1, hidden]
  TransformerEncoder encoder_{nullptr};
  torch::nn::Sequential heads_;
};
TORCH_MODULE(VisionTransformer);

}  // namespace torchclassify::nn
