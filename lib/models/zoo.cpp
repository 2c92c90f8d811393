// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/zoo.h"

#include "torchclassify/nn/cifar_resnet.h"
#include "torchclassify/nn/mobilenet_v2.h"
#include "torchclassify/nn/resnet.h"
#include "torchclassify/nn/simple_cnn.h"

namespace torchclassify::nn {
namespace {

using Classifier = std::shared_ptr<ImageClassifierImpl>;

template <int... kBlocks>
Classifier make_resnet(const ModelOptions& options, bool bottleneck) {
  return std::make_shared<ResNetImpl>(
      ResNetOptions{.blocks = {kBlocks...},
                    .bottleneck = bottleneck,
                    .classes = options.classes,
                    .channels = options.channels,
                    .initialize = options.initialize});
}

template <int... kBlocks>
Classifier basic_resnet(const ModelOptions& options) {
  return make_resnet<kBlocks...>(options, /*bottleneck=*/false);
}

template <int... kBlocks>
Classifier bottleneck_resnet(const ModelOptions& options) {
  return make_resnet<kBlocks...>(options, /*bottleneck=*/true);
}

template <int kDepth>
Classifier cifar_resnet(const ModelOptions& options) {
  return std::make_shared<CifarResNetImpl>(
      CifarResNetOptions{.blocks = (kDepth - 2) / 6,
                         .classes = options.classes,
                         .channels = options.channels,
                         .initialize = options.initialize});
}

Classifier mobilenet_v2(const ModelOptions& options) {
  return std::make_shared<MobileNetV2Impl>(
      MobileNetV2Options{.classes = options.classes,
                         .channels = options.channels,
                         .initialize = options.initialize});
}

Classifier simple_cnn(const ModelOptions& options) {
  return std::make_shared<SimpleCnnImpl>(
      SimpleCnnOptions{.classes = options.classes,
                       .channels = options.channels,
                       .input_width = options.input_width,
                       .input_height = options.input_height});
}

ZooEntry cifar_entry(const char* name, std::int64_t parameters,
                     std::int64_t macs, std::size_t tensors,
                     decltype(ZooEntry::create) create) {
  return {{name, 10, 32, parameters, macs},
          tensors,
          "linear",
          "conv1",
          false,
          create};
}

ZooEntry resnet_entry(const char* name, std::int64_t parameters,
                      std::int64_t macs, std::size_t tensors,
                      decltype(ZooEntry::create) create) {
  return {{name, 1000, 224, parameters, macs},
          tensors,
          "fc",
          "conv1",
          false,
          create};
}

}  // namespace

// tests/data/models/record_golden.py counts the same numbers in Python.
const std::vector<ZooEntry>& zoo() {
  static const std::vector<ZooEntry> entries = {
      cifar_entry("cifar_resnet110", 1727962, 252887680, 547,
                  cifar_resnet<110>),
      cifar_entry("cifar_resnet20", 269722, 40551040, 97, cifar_resnet<20>),
      cifar_entry("cifar_resnet32", 464154, 68862592, 157, cifar_resnet<32>),
      cifar_entry("cifar_resnet44", 658586, 97174144, 217, cifar_resnet<44>),
      cifar_entry("cifar_resnet56", 853018, 125485696, 277, cifar_resnet<56>),
      {{"mobilenet_v2", 1000, 224, 3504872, 300774272},
       262,
       "classifier.1",
       "features.0.0",
       false,
       mobilenet_v2},
      resnet_entry("resnet101", 44549160, 7801405440, 522,
                   bottleneck_resnet<3, 4, 23, 3>),
      resnet_entry("resnet152", 60192808, 11513626624, 777,
                   bottleneck_resnet<3, 8, 36, 3>),
      resnet_entry("resnet18", 11689512, 1814073344, 102,
                   basic_resnet<2, 2, 2, 2>),
      resnet_entry("resnet34", 21797672, 3663761408, 182,
                   basic_resnet<3, 4, 6, 3>),
      resnet_entry("resnet50", 25557032, 4089184256, 267,
                   bottleneck_resnet<3, 4, 6, 3>),
      {{"simple_cnn", 10, 32, 41418, 483328},
       4,
       "fc",
       "conv1",
       true,
       simple_cnn},
  };
  return entries;
}

}  // namespace torchclassify::nn
