// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/vgg.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr std::array<std::int64_t, 5> kWidths = {64, 128, 256, 512, 512};
constexpr std::int64_t kPooled = 7;  // height and width
constexpr std::int64_t kHidden = 4096;

torch::nn::Sequential features(const VggOptions& options) {
  torch::nn::Sequential layers;
  std::int64_t in = options.channels;
  for (std::size_t i = 0; i < kWidths.size(); ++i) {
    for (int j = 0; j < options.convolutions[i]; ++j) {
      layers->push_back(
          convolution({.in = in, .out = kWidths[i], .bias = true}));
      if (options.batch_norm)
        layers->push_back(BatchNorm2d(kWidths[i]));
      layers->push_back(Activation(Nonlinearity::kRelu));
      in = kWidths[i];
    }
    layers->push_back(
        torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(2).stride(2)));
  }
  return layers;
}

torch::nn::Sequential classifier(const VggOptions& options) {
  torch::nn::Sequential layers;
  std::int64_t in = kWidths.back() * kPooled * kPooled;
  for (int i = 0; i < 2; ++i) {
    layers->push_back(torch::nn::Linear(in, kHidden));
    layers->push_back(Activation(Nonlinearity::kRelu));
    layers->push_back(torch::nn::Dropout(options.dropout));
    in = kHidden;
  }
  layers->push_back(torch::nn::Linear(in, options.classes));
  return layers;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
VggImpl::VggImpl(const VggOptions& options)
    : features_(register_module("features", features(options))),
      classifier_(register_module("classifier", classifier(options))) {
  initialize_convolutions(*this, torch::kFanOut);
  for (const auto& part : modules(/*include_self=*/false)) {
    if (auto* linear = part->as<torch::nn::Linear>())
      initialize_normal(*linear);
  }
}

torch::Tensor VggImpl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, 512, h / 32, w / 32]
}

torch::Tensor VggImpl::forward_pool(torch::Tensor features) {
  const auto x = torch::adaptive_avg_pool2d(
      features, {kPooled, kPooled});  // [N, 512, 7, 7]
  return all_but_last(classifier_, x.flatten(/*start_dim=*/1));  // [N, 4096]
}

torch::Tensor VggImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

template <const VggOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .min_input_size = 32,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "classifier.6",
          .stem = "features.0",
          .create = create<VggImpl, kShape>,
          .dropout = true};
}

// Table 1 of the paper (Simonyan and Zisserman 2014), columns A, B, D and E.
constexpr std::array k11 = {1, 1, 2, 2, 2};
constexpr std::array k13 = {2, 2, 2, 2, 2};
constexpr std::array k16 = {2, 2, 3, 3, 3};
constexpr std::array k19 = {2, 2, 4, 4, 4};

constexpr VggOptions kVgg11{.convolutions = k11};
constexpr VggOptions kVgg13{.convolutions = k13};
constexpr VggOptions kVgg16{.convolutions = k16};
constexpr VggOptions kVgg19{.convolutions = k19};
constexpr VggOptions kVgg11Bn{.convolutions = k11, .batch_norm = true};
constexpr VggOptions kVgg13Bn{.convolutions = k13, .batch_norm = true};
constexpr VggOptions kVgg16Bn{.convolutions = k16, .batch_norm = true};
constexpr VggOptions kVgg19Bn{.convolutions = k19, .batch_norm = true};

}  // namespace

std::vector<ZooEntry> vgg_zoo() {
  return {
      entry<kVgg11>("vgg11", 132863336, 7609090048),
      entry<kVgg11Bn>("vgg11_bn", 132868840, 7609090048),
      entry<kVgg13>("vgg13", 133047848, 11308466176),
      entry<kVgg13Bn>("vgg13_bn", 133053736, 11308466176),
      entry<kVgg16>("vgg16", 138357544, 15470264320),
      entry<kVgg16Bn>("vgg16_bn", 138365992, 15470264320),
      entry<kVgg19>("vgg19", 143667240, 19632062464),
      entry<kVgg19Bn>("vgg19_bn", 143678248, 19632062464),
  };
}

}  // namespace torchclassify::nn
