// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/mnasnet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

struct StageShape {
  std::int64_t expansion;
  std::int64_t kernel;
  std::int64_t stride;  // of the first block
  std::int64_t out;     // channels
  int blocks;
};

// MNASNet-B1 of the paper (Tan et al. 2019): the variant without
// squeeze-excitation.
constexpr StageShape kStages[] = {
    {3, 3, 2, 24, 3}, {3, 5, 2, 40, 3},  {6, 5, 2, 80, 3},
    {6, 3, 1, 96, 2}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1},
};
constexpr std::int64_t kStem = 32;
constexpr std::int64_t kSeparable = 16;
constexpr std::int64_t kLast = 1280;  // whatever the width

// The paper's 0.9997 is the share of the old statistics.
constexpr BatchNormShape kNorm{.momentum = 1 - 0.9997};

// The layers of a convolution lie flat in their Sequential, unlike the other
// families'.
void push_layers(torch::nn::SequentialImpl& layers, const ConvShape& shape,
                 Nonlinearity nonlinearity) {
  layers.push_back(convolution(shape));
  layers.push_back(batch_norm(shape.out, kNorm));
  if (nonlinearity != Nonlinearity::kNone)
    layers.push_back(Activation(nonlinearity));
}

struct BlockShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t expansion = 1;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
};

class InvertedResidualImpl : public torch::nn::Module {
 public:
  explicit InvertedResidualImpl(const BlockShape& shape)
      : residual_(shape.stride == 1 && shape.in == shape.out) {
    const std::int64_t hidden = shape.in * shape.expansion;
    push_layers(*layers_, {.in = shape.in, .out = hidden, .kernel = 1},
                Nonlinearity::kRelu);
    push_layers(*layers_,
                {.in = hidden,
                 .out = hidden,
                 .kernel = shape.kernel,
                 .stride = shape.stride,
                 .groups = hidden},
                Nonlinearity::kRelu);
    push_layers(*layers_, {.in = hidden, .out = shape.out, .kernel = 1},
                Nonlinearity::kNone);
    register_module("layers", layers_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = layers_->forward(x);
    return residual_ ? y.add_(x) : y;
  }

 private:
  const bool residual_;
  torch::nn::Sequential layers_;
};
TORCH_MODULE(InvertedResidual);

NestedSequential make_stage(int blocks, BlockShape shape) {
  NestedSequential stage;
  for (int i = 0; i < blocks; ++i) {
    stage->push_back(InvertedResidual(shape));
    shape.in = shape.out;
    shape.stride = 1;
  }
  return stage;
}

void initialize_linear(torch::nn::Linear& linear) {
  torch::nn::init::kaiming_uniform_(linear->weight, /*a=*/0, torch::kFanOut,
                                    torch::kSigmoid);
  torch::nn::init::zeros_(linear->bias);
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
MNASNetImpl::MNASNetImpl(const MNASNetOptions& options) {
  const auto scaled = [&](std::int64_t channels) {
    return make_divisible(static_cast<double>(channels) * options.width, 8);
  };
  const std::int64_t stem = scaled(kStem);
  push_layers(*layers_, {.in = options.channels, .out = stem, .stride = 2},
              Nonlinearity::kRelu);
  push_layers(*layers_, {.in = stem, .out = stem, .groups = stem},
              Nonlinearity::kRelu);
  std::int64_t in = scaled(kSeparable);
  push_layers(*layers_, {.in = stem, .out = in, .kernel = 1},
              Nonlinearity::kNone);
  for (const StageShape& stage : kStages) {
    layers_->push_back(make_stage(stage.blocks, {.in = in,
                                                 .out = scaled(stage.out),
                                                 .expansion = stage.expansion,
                                                 .kernel = stage.kernel,
                                                 .stride = stage.stride}));
    in = scaled(stage.out);
  }
  push_layers(*layers_, {.in = in, .out = kLast, .kernel = 1},
              Nonlinearity::kRelu);
  register_module("layers", layers_);

  torch::nn::Linear linear(kLast, options.classes);
  classifier_->push_back(torch::nn::Dropout(options.dropout));
  classifier_->push_back(linear);
  register_module("classifier", classifier_);

  initialize_convolutions(*this, torch::kFanOut);
  initialize_linear(linear);
}

torch::Tensor MNASNetImpl::forward_features(torch::Tensor x) {
  return layers_->forward(x);  // [N, 1280, h / 32, w / 32]
}

torch::Tensor MNASNetImpl::forward_pool(torch::Tensor features) {
  auto x = ImageClassifierImpl::forward_pool(std::move(features));
  return all_but_last(classifier_, std::move(x));  // [N, 1280]
}

torch::Tensor MNASNetImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

template <const MNASNetOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name, .parameters = parameters, .macs = macs},
          .classifier = "classifier.1",
          .stem = "layers.0",
          .create = create<MNASNetImpl, kShape>,
          .dropout = true};
}

constexpr MNASNetOptions k0_5{.width = 0.5};
constexpr MNASNetOptions k0_75{.width = 0.75};
constexpr MNASNetOptions k1_0{.width = 1.0};
constexpr MNASNetOptions k1_3{.width = 1.3};

}  // namespace

std::vector<ZooEntry> mnasnet_zoo() {
  return {
      entry<k0_5>("mnasnet0_5", 2218512, 104455968),
      entry<k0_75>("mnasnet0_75", 3170208, 215493104),
      entry<k1_0>("mnasnet1_0", 4383312, 314415872),
      entry<k1_3>("mnasnet1_3", 6282256, 526362432),
  };
}

}  // namespace torchclassify::nn
