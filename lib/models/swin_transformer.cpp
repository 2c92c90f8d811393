// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/swin_transformer.h"

#include <numeric>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/shifted_window_attention.h"
#include "models/transformer_blocks.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kPatch = 4;  // pixels, square

class PatchEmbeddingImpl : public torch::nn::Module {
 public:
  PatchEmbeddingImpl(std::int64_t channels, std::int64_t embedding)
      : conv_(torch::nn::Conv2dOptions(channels, embedding, kPatch)
                  .stride(kPatch)),
        norm_(layer_norm(embedding)) {
    register_module("0", conv_);
    register_module("2", norm_);
  }

  // [N, channels, h, w] to [N, h / 4, w / 4, embedding]
  torch::Tensor forward(torch::Tensor x) {
    return norm_(conv_(x).permute({0, 2, 3, 1}));
  }

 private:
  torch::nn::Conv2d conv_;
  torch::nn::LayerNorm norm_;
};
TORCH_MODULE(PatchEmbedding);

// Makes one token of 2x2.
class PatchMergingImpl : public torch::nn::Module {
 public:
  PatchMergingImpl(std::int64_t channels, bool version2)
      : norm_last_(version2),
        reduction_(
            torch::nn::LinearOptions(4 * channels, 2 * channels).bias(false)),
        norm_(layer_norm(version2 ? 2 * channels : 4 * channels)) {
    register_module("reduction", reduction_);
    register_module("norm", norm_);
  }

  // [N, h, w, channels] to [N, h / 2, w / 2, 2 channels], rounded up
  torch::Tensor forward(torch::Tensor x) {
    const std::int64_t below = x.size(1) % 2;
    const std::int64_t right = x.size(2) % 2;
    if (below + right > 0)
      x = torch::constant_pad_nd(x, {0, 0, 0, right, 0, below});
    // Column by column, as the checkpoint's numbers are.
    x = x.reshape({x.size(0), x.size(1) / 2, 2, x.size(2) / 2, 2, x.size(3)})
            .permute({0, 1, 3, 4, 2, 5})
            .flatten(/*start_dim=*/3);  // [N, h / 2, w / 2, 4 channels]
    return norm_last_ ? norm_(reduction_(x)) : reduction_(norm_(x));
  }

 private:
  const bool norm_last_;
  torch::nn::Linear reduction_;
  torch::nn::LayerNorm norm_;
};
TORCH_MODULE(PatchMerging);

class SwinBlockImpl : public torch::nn::Module {
 public:
  SwinBlockImpl(const WindowAttentionShape& shape, double stochastic_depth)
      : norm_last_(shape.cosine),
        norm1_(layer_norm(shape.channels)),
        attn_(shape),
        stochastic_depth_(stochastic_depth),
        norm2_(layer_norm(shape.channels)),
        mlp_(MlpShape{.channels = shape.channels,
                      .hidden = 4 * shape.channels,
                      .dropout = shape.dropout}) {
    register_module("norm1", norm1_);
    register_module("attn", attn_);
    register_module("stochastic_depth", stochastic_depth_);
    register_module("norm2", norm2_);
    register_module("mlp", mlp_);
  }

  // [N, h, w, channels] to the same
  torch::Tensor forward(torch::Tensor x) {
    auto y = norm_last_ ? norm1_(attn_(x)) : attn_(norm1_(x));
    x = stochastic_depth_(y).add_(x);
    y = norm_last_ ? norm2_(mlp_(x)) : mlp_(norm2_(x));
    return stochastic_depth_(y).add_(x);
  }

 private:
  const bool norm_last_;
  torch::nn::LayerNorm norm1_;
  ShiftedWindowAttention attn_;
  StochasticDepth stochastic_depth_;
  torch::nn::LayerNorm norm2_;
  Mlp mlp_;
};
TORCH_MODULE(SwinBlock);

torch::nn::Sequential make_features(const SwinTransformerOptions& options) {
  torch::nn::Sequential features(
      PatchEmbedding(options.channels, options.embedding));
  const int last =
      std::accumulate(options.blocks.begin(), options.blocks.end(), 0) - 1;
  int block = 0;
  WindowAttentionShape shape{.channels = options.embedding,
                             .window = options.window,
                             .cosine = options.version2,
                             .dropout = options.dropout};
  for (std::size_t i = 0; i < options.blocks.size(); ++i) {
    shape.heads = options.heads[i];
    NestedSequential stage;
    for (int j = 0; j < options.blocks[i]; ++j) {
      shape.shifted = j % 2 == 1;
      stage->push_back(
          SwinBlock(shape, options.stochastic_depth * block++ / last));
    }
    features->push_back(stage);
    if (i + 1 < options.blocks.size())
      features->push_back(PatchMerging(shape.channels, options.version2));
    shape.channels *= 2;
  }
  return features;
}

void initialize_linears(torch::nn::Module& module) {
  for (const auto& part : module.modules(/*include_self=*/false)) {
    const auto* linear = part->as<torch::nn::Linear>();
    if (!linear)
      continue;
    truncated_normal_(linear->weight, {.std = 0.02});
    if (linear->bias.defined())
      torch::nn::init::zeros_(linear->bias);
  }
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
SwinTransformerImpl::SwinTransformerImpl(const SwinTransformerOptions& options)
    : features_(make_features(options)) {
  const std::int64_t channels = options.embedding * 8;
  register_module("features", features_);
  norm_ = register_module("norm", layer_norm(channels));
  head_ = register_module("head", torch::nn::Linear(channels, options.classes));
  initialize_linears(*this);
}

torch::Tensor SwinTransformerImpl::forward_features(torch::Tensor x) {
  x = features_->forward(x);  // [N, h / 32, w / 32, 8 embedding], rounded up
  return norm_(x).permute({0, 3, 1, 2});
}

torch::Tensor SwinTransformerImpl::forward_last(torch::Tensor pre_logits) {
  return head_(pre_logits);  // [N, classes]
}

namespace {

template <const SwinTransformerOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .input_size = kShape.version2 ? 256 : 224,
                    .min_input_size = kPatch,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "head",
          .stem = "features.0.0",
          .create = create<SwinTransformerImpl, kShape>,
          .dropout = true,
          .stochastic_depth = true};
}

// The papers' variants.
constexpr SwinTransformerOptions kTiny = {};
constexpr SwinTransformerOptions kSmall = {.blocks = {2, 2, 18, 2},
                                           .stochastic_depth = 0.3};
constexpr SwinTransformerOptions kBase = {.embedding = 128,
                                          .blocks = {2, 2, 18, 2},
                                          .heads = {4, 8, 16, 32},
                                          .stochastic_depth = 0.5};

constexpr SwinTransformerOptions version2(SwinTransformerOptions options) {
  options.window = 8;
  options.version2 = true;
  return options;
}

constexpr SwinTransformerOptions kTiny2 = version2(kTiny);
constexpr SwinTransformerOptions kSmall2 = version2(kSmall);
constexpr SwinTransformerOptions kBase2 = version2(kBase);

}  // namespace

std::vector<ZooEntry> swin_transformer_zoo() {
  return {
      entry<kTiny>("swin_t", 28288354, 4490566656),
      entry<kSmall>("swin_s", 49606258, 8740875264),
      entry<kBase>("swin_b", 87768224, 15430946816),
      entry<kTiny2>("swin_v2_t", 28351570, 5939690496),
      entry<kSmall2>("swin_v2_s", 49737442, 11545857024),
      entry<kBase2>("swin_v2_b", 87930848, 20325134336),
  };
}

}  // namespace torchclassify::nn
