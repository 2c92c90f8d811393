// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/vision_transformer.h"

#include <cmath>
#include <string>

#include <torch/torch.h>

#include "models/initial_values.h"
#include "models/transformer_blocks.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

constexpr double kNormEps = 1e-6;

// nn.MultiheadAttention of tokens with themselves, under its names.
class SelfAttentionImpl : public torch::nn::Module {
 public:
  explicit SelfAttentionImpl(const VisionTransformerOptions& options)
      : heads_(options.heads),
        dropout_(options.attention_dropout),
        out_proj_(options.hidden, options.hidden) {
    const std::int64_t hidden = options.hidden;
    in_proj_weight_ = register_parameter("in_proj_weight",
                                         torch::empty({3 * hidden, hidden}));
    in_proj_bias_ =
        register_parameter("in_proj_bias", torch::zeros(3 * hidden));
    register_module("out_proj", out_proj_);
    torch::nn::init::xavier_uniform_(in_proj_weight_);
    torch::nn::init::zeros_(out_proj_->bias);
  }

  // [N, tokens, hidden] to the same
  torch::Tensor forward(torch::Tensor x) {
    const auto [query, key, value] =
        split_heads(torch::linear(x, in_proj_weight_, in_proj_bias_), heads_);
    x = torch::scaled_dot_product_attention(
        query, key, value, /*attn_mask=*/{},
        is_training() ? dropout_ : 0);  // [N, heads, tokens, hidden / heads]
    return out_proj_(join_heads(x));
  }

 private:
  const std::int64_t heads_;
  const double dropout_;
  torch::Tensor in_proj_weight_;
  torch::Tensor in_proj_bias_;
  torch::nn::Linear out_proj_;
};
TORCH_MODULE(SelfAttention);

class EncoderBlockImpl : public torch::nn::Module {
 public:
  explicit EncoderBlockImpl(const VisionTransformerOptions& options)
      : dropout_(options.dropout),
        ln_1_(layer_norm(options.hidden, kNormEps)),
        self_attention_(options),
        ln_2_(layer_norm(options.hidden, kNormEps)),
        mlp_(MlpShape{.channels = options.hidden,
                      .hidden = options.mlp,
                      .dropout = options.dropout}) {
    register_module("ln_1", ln_1_);
    register_module("self_attention", self_attention_);
    register_module("ln_2", ln_2_);
    register_module("mlp", mlp_);
  }

  // [N, tokens, hidden] to the same
  torch::Tensor forward(torch::Tensor x) {
    auto y = self_attention_->forward(ln_1_(x));
    y = torch::dropout(y, dropout_, is_training()).add_(x);
    return mlp_->forward(ln_2_(y)).add_(y);
  }

 private:
  const double dropout_;
  torch::nn::LayerNorm ln_1_;
  SelfAttention self_attention_;
  torch::nn::LayerNorm ln_2_;
  Mlp mlp_;
};
TORCH_MODULE(EncoderBlock);

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
TransformerEncoderImpl::TransformerEncoderImpl(
    const VisionTransformerOptions& options, std::int64_t tokens)
    : dropout_(options.dropout) {
  pos_embedding_ = register_parameter(
      "pos_embedding", torch::empty({1, tokens, options.hidden}));
  torch::nn::init::normal_(pos_embedding_, /*mean=*/0, /*std=*/0.02);
  for (std::int64_t i = 0; i < options.layers; ++i)
    layers_->push_back("encoder_layer_" + std::to_string(i),
                       EncoderBlock(options));
  register_module("layers", layers_);
  ln_ = register_module("ln", layer_norm(options.hidden, kNormEps));
}

torch::Tensor TransformerEncoderImpl::forward_tokens(torch::Tensor x) {
  x = torch::dropout(x + pos_embedding_, dropout_, is_training());
  return all_but_last(layers_, std::move(x));
}

torch::Tensor TransformerEncoderImpl::forward_last(torch::Tensor x) {
  x = last_of(layers_, std::move(x));
  return ln_(x.select(/*dim=*/1, /*index=*/0));
}

VisionTransformerImpl::VisionTransformerImpl(
    const VisionTransformerOptions& options)
    : image_size_(options.image_size) {
  if (options.image_size % options.patch_size != 0)
    throw Error(ErrorCode::kInvalidArgument,
                "expected an input size that is a multiple of the patch's, " +
                    std::to_string(options.patch_size) + ", got " +
                    std::to_string(options.image_size));
  const std::int64_t side = options.image_size / options.patch_size;
  conv_proj_ = register_module(
      "conv_proj", torch::nn::Conv2d(
                       torch::nn::Conv2dOptions(
                           options.channels, options.hidden, options.patch_size)
                           .stride(options.patch_size)));
  class_token_ =
      register_parameter("class_token", torch::zeros({1, 1, options.hidden}));
  encoder_ = register_module(
      "encoder", TransformerEncoder(options, /*tokens=*/side * side + 1));
  torch::nn::Linear head(options.hidden, options.classes);
  heads_->push_back("head", head);
  register_module("heads", heads_);

  const std::int64_t fan_in = conv_proj_->weight[0].numel();
  truncated_normal_(conv_proj_->weight,
                    {.std = std::sqrt(1 / static_cast<double>(fan_in))});
  torch::nn::init::zeros_(conv_proj_->bias);
  torch::nn::init::zeros_(head->weight);
  torch::nn::init::zeros_(head->bias);
}

torch::Tensor VisionTransformerImpl::forward_features(torch::Tensor x) {
  if (x.size(2) != image_size_ || x.size(3) != image_size_)
    throw Error(ErrorCode::kInvalidArgument,
                "expected pictures of " + size_text(image_size_, image_size_) +
                    " pixels, got " + size_text(x.size(3), x.size(2)));
  x = conv_proj_(x);  // [N, hidden, h / patch, w / patch]
  x = x.flatten(/*start_dim=*/2).transpose(1, 2);  // [N, patches, hidden]
  x = torch::cat({class_token_.expand({x.size(0), -1, -1}), x}, /*dim=*/1);
  return encoder_->forward_tokens(x);
}

torch::Tensor VisionTransformerImpl::forward_pool(torch::Tensor features) {
  return encoder_->forward_last(std::move(features));  // [N, hidden]
}

torch::Tensor VisionTransformerImpl::forward_last(torch::Tensor pre_logits) {
  return heads_->forward(pre_logits);  // [N, classes]
}

namespace {

template <VisionTransformerOptions kShape>
std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  if (options.input_width != options.input_height)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a square input, got " +
                    size_text(options.input_width, options.input_height) +
                    " pixels");
  VisionTransformerOptions shape = kShape;
  shape.image_size = options.input_width;
  return std::make_shared<VisionTransformerImpl>(
      with_model_options(shape, options));
}

// There is a position for each patch and one for the class token.
std::int64_t input_size_of(
    const std::map<std::string, torch::Tensor>& tensors) {
  const auto patches = tensors.find("conv_proj.weight");
  const auto positions = tensors.find("encoder.pos_embedding");
  if (patches == tensors.end() || patches->second.dim() != 4 ||
      positions == tensors.end() || positions->second.dim() != 3)
    return 0;
  const auto count = static_cast<double>(positions->second.size(1) - 1);
  return patches->second.size(3) *
         static_cast<std::int64_t>(std::lround(std::sqrt(count)));
}

template <VisionTransformerOptions kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .min_input_size = kShape.patch_size,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "heads.head",
          .stem = "conv_proj",
          .create = create<kShape>,
          .fixed_size = true,
          .dropout = true,
          .input_size_of = input_size_of};
}

// Table 1 of the paper; the numbers after the letters are the patches' sizes.
constexpr VisionTransformerOptions kBase16 = {};
constexpr VisionTransformerOptions kBase32 = {.patch_size = 32};
constexpr VisionTransformerOptions kLarge16 = {
    .layers = 24, .heads = 16, .hidden = 1024, .mlp = 4096};
constexpr VisionTransformerOptions kLarge32 = {
    .patch_size = 32, .layers = 24, .heads = 16, .hidden = 1024, .mlp = 4096};
constexpr VisionTransformerOptions kHuge14 = {
    .patch_size = 14, .layers = 32, .heads = 16, .hidden = 1280, .mlp = 5120};

}  // namespace

std::vector<ZooEntry> vision_transformer_zoo() {
  return {
      entry<kBase16>("vit_b_16", 86567656, 17563828224),
      entry<kBase32>("vit_b_32", 88224232, 4409186304),
      entry<kLarge16>("vit_l_16", 304326632, 61554712576),
      entry<kLarge32>("vit_l_32", 306535400, 15377539072),
      entry<kHuge14>("vit_h_14", 632045800, 167295109120),
  };
}

}  // namespace torchclassify::nn
