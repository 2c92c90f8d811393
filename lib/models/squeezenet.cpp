// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/squeezenet.h"

#include <span>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

// Squeezes to few channels, then expands with 1x1 and 3x3 convolutions side by
// side.
struct FireShape {
  std::int64_t squeezed;  // channels
  std::int64_t expanded;  // channels of each of the two
  bool pooled_first = false;
};

// Table 1 of the paper (Iandola et al. 2016).
constexpr FireShape k1_0[] = {
    {16, 64, true}, {16, 64},  {32, 128}, {32, 128, true},
    {48, 192},      {48, 192}, {64, 256}, {64, 256, true},
};
// The authors' later version: less computation by pooling earlier
// (github.com/forresti/SqueezeNet).
constexpr FireShape k1_1[] = {
    {16, 64, true},  {16, 64},  {32, 128, true}, {32, 128},
    {48, 192, true}, {48, 192}, {64, 256},       {64, 256},
};
constexpr std::int64_t kLast = 512;  // channels

class FireImpl : public torch::nn::Module {
 public:
  FireImpl(std::int64_t in, const FireShape& shape)
      : squeeze_(register_module(
            "squeeze",
            convolution(
                {.in = in, .out = shape.squeezed, .kernel = 1, .bias = true}))),
        expand1x1_(
            register_module("expand1x1", convolution({.in = shape.squeezed,
                                                      .out = shape.expanded,
                                                      .kernel = 1,
                                                      .bias = true}))),
        expand3x3_(register_module(
            "expand3x3",
            convolution(
                {.in = shape.squeezed, .out = shape.expanded, .bias = true}))) {
  }

  // [N, in, h, w] to [N, 2 expanded, h, w]
  torch::Tensor forward(torch::Tensor x) {
    x = squeeze_(x).relu_();  // [N, squeezed, h, w]
    return torch::cat({expand1x1_(x), expand3x3_(x)}, /*dim=*/1).relu_();
  }

 private:
  torch::nn::Conv2d squeeze_;
  torch::nn::Conv2d expand1x1_;
  torch::nn::Conv2d expand3x3_;
};
TORCH_MODULE(Fire);

struct Layout {
  std::int64_t stem_width;   // channels
  std::int64_t stem_kernel;  // pixels
  std::span<const FireShape> fires;
};

Layout layout_of(SqueezeNetVersion version) {
  if (version == SqueezeNetVersion::k1_0)
    return {.stem_width = 96, .stem_kernel = 7, .fires = k1_0};
  return {.stem_width = 64, .stem_kernel = 3, .fires = k1_1};
}

torch::nn::Sequential features(std::int64_t channels, const Layout& layout) {
  torch::nn::Sequential layers(
      torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, layout.stem_width,
                                                 layout.stem_kernel)
                            .stride(2)),
      Activation(Nonlinearity::kRelu));
  std::int64_t in = layout.stem_width;
  for (const FireShape& shape : layout.fires) {
    if (shape.pooled_first)
      layers->push_back(torch::nn::MaxPool2d(
          torch::nn::MaxPool2dOptions(3).stride(2).ceil_mode(true)));
    layers->push_back(Fire(in, shape));
    in = 2 * shape.expanded;
  }
  return layers;
}

void initialize_weights(torch::nn::Sequential& layers) {
  for (const auto& part : layers->modules(/*include_self=*/false)) {
    const auto* conv = part->as<torch::nn::Conv2d>();
    if (!conv)
      continue;
    torch::nn::init::kaiming_uniform_(conv->weight);
    torch::nn::init::zeros_(conv->bias);
  }
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
SqueezeNetImpl::SqueezeNetImpl(const SqueezeNetOptions& options)
    : features_(register_module(
          "features", features(options.channels, layout_of(options.version)))) {
  const torch::nn::Conv2d last = convolution(
      {.in = kLast, .out = options.classes, .kernel = 1, .bias = true});
  classifier_->push_back(torch::nn::Dropout(options.dropout));
  classifier_->push_back(last);
  classifier_->push_back(Activation(Nonlinearity::kRelu));
  register_module("classifier", classifier_);

  initialize_weights(features_);
  torch::nn::init::normal_(last->weight, /*mean=*/0, /*std=*/0.01);
  torch::nn::init::zeros_(last->bias);
}

torch::Tensor SqueezeNetImpl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, 512, h / 16, w / 16]
}

torch::Tensor SqueezeNetImpl::forward_pool(torch::Tensor features) {
  return classifier_->begin()->forward(std::move(features));  // dropout
}

torch::Tensor SqueezeNetImpl::forward_last(torch::Tensor pre_logits) {
  auto x = std::move(pre_logits);
  for (auto layer = classifier_->begin() + 1; layer != classifier_->end();
       ++layer)
    x = layer->forward(std::move(x));         // [N, classes, h / 16, w / 16]
  x = torch::adaptive_avg_pool2d(x, {1, 1});  // [N, classes, 1, 1]
  return x.flatten(/*start_dim=*/1);
}

namespace {

template <const SqueezeNetOptions& kShape>
ZooEntry entry(Architecture facts) {
  return {.facts = std::move(facts),
          .classifier = "classifier.1",
          .stem = "features.0",
          .create = create<SqueezeNetImpl, kShape>,
          .dropout = true};
}

constexpr SqueezeNetOptions kVersion1_0{.version = SqueezeNetVersion::k1_0};
constexpr SqueezeNetOptions kVersion1_1{.version = SqueezeNetVersion::k1_1};

}  // namespace

std::vector<ZooEntry> squeezenet_zoo() {
  return {
      entry<kVersion1_0>({.name = "squeezenet1_0",
                          .min_input_size = 21,
                          .parameters = 1248424,
                          .macs = 818924576}),
      entry<kVersion1_1>({.name = "squeezenet1_1",
                          .min_input_size = 17,
                          .parameters = 1235496,
                          .macs = 349151936}),
  };
}

}  // namespace torchclassify::nn
