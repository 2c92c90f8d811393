// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/maxvit.h"

#include <cmath>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/kept_tensor.h"
#include "models/relative_position.h"
#include "models/transformer_blocks.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

struct StageShape {
  std::int64_t out;  // channels
  int layers;
};

// Table 1 of the paper, MaxViT-T.
constexpr StageShape kStages[] = {{64, 2}, {128, 2}, {256, 5}, {512, 2}};
constexpr std::int64_t kStem = 64;       // channels
constexpr std::int64_t kLast = 512;      // channels
constexpr std::int64_t kHeadWidth = 32;  // channels of each head
constexpr std::int64_t kWindow = 7;      // tokens, square
constexpr std::int64_t kExpansion = 4;   // of convolutions and of MLPs
constexpr BatchNormShape kNorm = {.eps = 1e-3, .momentum = 0.01};

struct LayerShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t stride = 1;
  double dropout = 0;
  double stochastic_depth = 0;
};

// What a strided residual connection goes through.
class ProjectionImpl : public torch::nn::Module {
 public:
  explicit ProjectionImpl(const LayerShape& shape)
      : conv_(convolution(
            {.in = shape.in, .out = shape.out, .kernel = 1, .bias = true})) {
    register_module("1", conv_);
  }

  // [N, in, h, w] to [N, out, h / 2, w / 2]
  torch::Tensor forward(const torch::Tensor& x) {
    return conv_(torch::avg_pool2d(x, /*kernel_size=*/3, /*stride=*/2,
                                   /*padding=*/1));
  }

 private:
  torch::nn::Conv2d conv_;
};
TORCH_MODULE(Projection);

class MbConvImpl : public torch::nn::Module {
 public:
  explicit MbConvImpl(const LayerShape& shape)
      : proj_(shape.stride == 1 ? nullptr : Projection(shape)),
        stochastic_depth_(shape.stochastic_depth) {
    const std::int64_t hidden = kExpansion * shape.out;
    layers_->push_back("pre_norm", batch_norm(shape.in, kNorm));
    layers_->push_back(
        "conv_a", ConvNormActivation(
                      ConvShape{.in = shape.in, .out = hidden, .kernel = 1},
                      Nonlinearity::kGelu, kNorm));
    layers_->push_back("conv_b",
                       ConvNormActivation(ConvShape{.in = hidden,
                                                    .out = hidden,
                                                    .stride = shape.stride,
                                                    .groups = hidden},
                                          Nonlinearity::kGelu, kNorm));
    layers_->push_back("squeeze_excitation",
                       SqueezeExcitation(SqueezeExcitationShape{
                           .channels = hidden,
                           .squeezed = shape.out / 4,
                           .inner = Nonlinearity::kSilu}));
    layers_->push_back(
        "conv_c",
        convolution(
            {.in = hidden, .out = shape.out, .kernel = 1, .bias = true}));
    if (proj_)
      register_module("proj", proj_);
    register_module("stochastic_depth", stochastic_depth_);
    register_module("layers", layers_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = stochastic_depth_(layers_->forward(x));
    return y.add_(proj_ ? proj_(x) : x);
  }

 private:
  Projection proj_;
  StochasticDepth stochastic_depth_;
  torch::nn::Sequential layers_;
};
TORCH_MODULE(MbConv);

class RelativeAttentionImpl : public torch::nn::Module {
 public:
  explicit RelativeAttentionImpl(std::int64_t channels)
      : heads_(channels / kHeadWidth),
        scale_(1 / std::sqrt(static_cast<double>(channels))),
        to_qkv_(channels, 3 * channels),
        merge_(channels, channels) {
    register_module("to_qkv", to_qkv_);
    register_module("merge", merge_);
    table_ =
        register_parameter("relative_position_bias_table",
                           torch::zeros({relative_positions(kWindow), heads_}));
    index_ = register_buffer("relative_position_index",
                             relative_position_index(kWindow));
    truncated_normal_(table_, {.std = 0.02});
  }

  // [N, windows, tokens, channels] to the same
  torch::Tensor forward(const torch::Tensor& x) {
    const auto bias = bias_.get(*this, {table_, index_}, [this] {
      return relative_position_bias(table_, index_, kWindow);
    });
    const auto [query, key, value] =
        split_heads(to_qkv_(x).flatten(0, 1), heads_);
    const auto y = torch::scaled_dot_product_attention(
        query, key, value, bias, /*dropout_p=*/0, /*is_causal=*/false, scale_);
    return merge_(join_heads(y).view_as(x));
  }

 private:
  const std::int64_t heads_;
  const double scale_;  // by all channels, as the published weights have it
  torch::nn::Linear to_qkv_;
  torch::nn::Linear merge_;
  torch::Tensor table_;  // [relative positions, heads]
  torch::Tensor index_;  // [tokens, tokens]
  KeptTensor bias_;      // [1, heads, tokens, tokens]
};
TORCH_MODULE(RelativeAttention);

enum class Partition {
  kWindow,  // 7x7 neighbours
  kGrid,    // 7x7 tokens, spread evenly over the picture
};

// Attention and an MLP for the tokens of each window.
class PartitionAttentionImpl : public torch::nn::Module {
 public:
  PartitionAttentionImpl(Partition partition, const LayerShape& shape)
      : partition_(partition), stochastic_depth_(shape.stochastic_depth) {
    const std::int64_t channels = shape.out;
    attn_layer_->push_back(layer_norm(channels));
    attn_layer_->push_back(RelativeAttention(channels));
    attn_layer_->push_back(torch::nn::Dropout(shape.dropout));
    mlp_layer_->push_back(layer_norm(channels));
    mlp_layer_->push_back(torch::nn::Linear(channels, kExpansion * channels));
    mlp_layer_->push_back(Activation(Nonlinearity::kGelu));
    mlp_layer_->push_back(torch::nn::Linear(kExpansion * channels, channels));
    mlp_layer_->push_back(torch::nn::Dropout(shape.dropout));
    register_module("attn_layer", attn_layer_);
    register_module("mlp_layer", mlp_layer_);
    register_module("stochastic_dropout", stochastic_depth_);
  }

  // [N, channels, h, w] to the same
  torch::Tensor forward(const torch::Tensor& x) {
    auto y = into_windows(x);
    y = stochastic_depth_(attn_layer_->forward(y)).add_(y);
    y = stochastic_depth_(mlp_layer_->forward(y)).add_(y);
    return out_of_windows(y, x.size(2), x.size(3));
  }

 private:
  // [N, channels, h, w] to [N, windows, 49, channels]
  torch::Tensor into_windows(const torch::Tensor& x) const {
    const std::int64_t rows = x.size(2) / kWindow;
    const std::int64_t columns = x.size(3) / kWindow;
    const auto y = x.permute({0, 2, 3, 1});  // [N, h, w, channels]
    const auto windows = partition_ == Partition::kWindow
                             ? y.unflatten(2, {columns, kWindow})
                                   .unflatten(1, {rows, kWindow})
                                   .permute({0, 1, 3, 2, 4, 5})
                             : y.unflatten(2, {kWindow, columns})
                                   .unflatten(1, {kWindow, rows})
                                   .permute({0, 2, 4, 1, 3, 5});
    return windows.reshape(
        {x.size(0), rows * columns, kWindow * kWindow, x.size(1)});
  }

  // The way back.
  torch::Tensor out_of_windows(const torch::Tensor& x, std::int64_t h,
                               std::int64_t w) const {
    const auto windows = x.view(
        {x.size(0), h / kWindow, w / kWindow, kWindow, kWindow, x.size(3)});
    const auto tokens = partition_ == Partition::kWindow
                            ? windows.permute({0, 1, 3, 2, 4, 5})
                            : windows.permute({0, 3, 1, 4, 2, 5});
    return tokens.reshape({x.size(0), h, w, x.size(3)}).permute({0, 3, 1, 2});
  }

  const Partition partition_;
  torch::nn::Sequential attn_layer_;
  torch::nn::Sequential mlp_layer_;
  StochasticDepth stochastic_depth_;
};
TORCH_MODULE(PartitionAttention);

class LayerImpl : public torch::nn::Module {
 public:
  explicit LayerImpl(const LayerShape& shape) {
    layers_->push_back("MBconv", MbConv(shape));
    layers_->push_back("window_attention",
                       PartitionAttention(Partition::kWindow, shape));
    layers_->push_back("grid_attention",
                       PartitionAttention(Partition::kGrid, shape));
    register_module("layers", layers_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) { return layers_->forward(x); }

 private:
  torch::nn::Sequential layers_;
};
TORCH_MODULE(Layer);

// A Sequential called "layers" inside another module.
NestedSequential under_layers(const NestedSequential& layers) {
  NestedSequential outer;
  outer->push_back("layers", layers);
  return outer;
}

torch::nn::Sequential make_blocks(const MaxVitOptions& options) {
  int last = -1;
  for (const StageShape& stage : kStages) last += stage.layers;
  torch::nn::Sequential blocks;
  LayerShape shape{.in = kStem, .dropout = options.dropout};
  int layer = 0;
  for (const StageShape& stage : kStages) {
    NestedSequential layers;
    shape.out = stage.out;
    shape.stride = 2;
    for (int i = 0; i < stage.layers; ++i) {
      shape.stochastic_depth = options.stochastic_depth * layer++ / last;
      layers->push_back(Layer(shape));
      shape.in = shape.out;
      shape.stride = 1;
    }
    blocks->push_back(under_layers(layers));
  }
  return blocks;
}

torch::nn::Sequential make_classifier(std::int64_t classes) {
  return torch::nn::Sequential(
      torch::nn::AdaptiveAvgPool2d(1), torch::nn::Flatten(), layer_norm(kLast),
      torch::nn::Linear(kLast, kLast), torch::nn::Tanh(),
      torch::nn::Linear(torch::nn::LinearOptions(kLast, classes).bias(false)));
}

void initialize(torch::Tensor& weight, torch::Tensor& bias) {
  torch::nn::init::normal_(weight, /*mean=*/0, /*std=*/0.02);
  if (bias.defined())
    torch::nn::init::zeros_(bias);
}

void initialize_layers(torch::nn::Module& module) {
  for (const auto& part : module.modules(/*include_self=*/false)) {
    if (auto* conv = part->as<torch::nn::Conv2d>())
      initialize(conv->weight, conv->bias);
    if (auto* linear = part->as<torch::nn::Linear>())
      initialize(linear->weight, linear->bias);
  }
}

// Whether every stage's tokens make whole windows, as many across as down.
bool allowed(std::int64_t height, std::int64_t width) {
  constexpr std::int64_t kTotalStride = 32;
  constexpr std::int64_t kFirstStride = 4;
  constexpr std::int64_t kMultiple = kWindow * kTotalStride / kFirstStride;
  const auto tokens = [](std::int64_t pixels) {
    return (pixels + kFirstStride - 1) / kFirstStride;
  };
  return tokens(height) == tokens(width) && tokens(height) % kMultiple == 0;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
MaxVitImpl::MaxVitImpl(const MaxVitOptions& options) : options_(options) {
  if (!allowed(options.height, options.width))
    throw Error(ErrorCode::kInvalidArgument,
                "expected a square input of a multiple of 224 pixels, or up to "
                "3 less, got " +
                    size_text(options.width, options.height) + " pixels");
  stem_->push_back(ConvNormActivation(
      ConvShape{.in = options.channels, .out = kStem, .stride = 2},
      Nonlinearity::kGelu, kNorm));
  NestedSequential second;
  second->push_back(convolution({.in = kStem, .out = kStem, .bias = true}));
  stem_->push_back(second);
  register_module("stem", stem_);
  blocks_ = register_module("blocks", make_blocks(options));
  classifier_ = register_module("classifier", make_classifier(options.classes));
  initialize_layers(*this);
}

torch::Tensor MaxVitImpl::forward_features(torch::Tensor x) {
  if (x.size(2) != options_.height || x.size(3) != options_.width)
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected pictures of " + size_text(options_.width, options_.height) +
            " pixels, got " + size_text(x.size(3), x.size(2)) + " pixels");
  x = stem_->forward(x);       // [N, 64, h / 2, w / 2]
  return blocks_->forward(x);  // [N, 512, h / 32, w / 32]
}

torch::Tensor MaxVitImpl::forward_pool(torch::Tensor features) {
  return all_but_last(classifier_, std::move(features));  // [N, 512]
}

torch::Tensor MaxVitImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  const MaxVitOptions shape{.height = options.input_height,
                            .width = options.input_width};
  return std::make_shared<MaxVitImpl>(with_model_options(shape, options));
}

ZooEntry entry() {
  return {.facts = {.name = "maxvit_t",
                    .min_input_size = 221,
                    .parameters = 30919624,
                    .macs = 5558046720},
          .classifier = "classifier.5",
          .stem = "stem.0.0",
          .create = create,
          .fixed_size = true,
          .dropout = true,
          .stochastic_depth = true};
}

}  // namespace

std::vector<ZooEntry> maxvit_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
