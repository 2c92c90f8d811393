// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/simple_cnn.h"

#include <cmath>
#include <string>

#include <torch/torch.h>

#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kFeatures = 16;

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
SimpleCnnImpl::SimpleCnnImpl(const SimpleCnnOptions& options) {
  conv1_ = register_module(
      "conv1",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(options.channels, kFeatures, 3).padding(1)));
  fc_ = register_module(
      "fc", torch::nn::Linear(kFeatures * (options.input_height / 2) *
                                  (options.input_width / 2),
                              options.classes));
}

torch::Tensor SimpleCnnImpl::forward_features(torch::Tensor x) {
  x = conv1_(x).relu_();           // [N, 16, height, width]
  return torch::max_pool2d(x, 2);  // [N, 16, height / 2, width / 2]
}

torch::Tensor SimpleCnnImpl::forward_pool(torch::Tensor features) {
  return features.flatten(/*start_dim=*/1);
}

torch::Tensor SimpleCnnImpl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

// A bound that no sensible model meets: a model file that lies about its sizes
// must not take all memory.
constexpr std::int64_t kMaxWeights = std::int64_t{1} << 28;

std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  const std::int64_t weights = kFeatures * (options.input_width / 2) *
                               (options.input_height / 2) * options.classes;
  if (weights > kMaxWeights)
    throw Error(ErrorCode::kInvalidArgument,
                "simple_cnn: expected a product of classes and input size of "
                "at most " +
                    std::to_string(kMaxWeights) + " weights, got " +
                    std::to_string(weights));
  const SimpleCnnOptions shape{.input_width = options.input_width,
                               .input_height = options.input_height};
  return std::make_shared<SimpleCnnImpl>(with_model_options(shape, options));
}

std::int64_t input_size_of(
    const std::map<std::string, torch::Tensor>& tensors) {
  const auto fc = tensors.find("fc.weight");
  if (fc == tensors.end() || fc->second.dim() != 2)
    return 0;
  const double pixels = static_cast<double>(fc->second.size(1)) / kFeatures;
  return 2 * static_cast<std::int64_t>(std::lround(std::sqrt(pixels)));
}

ZooEntry entry() {
  return {.facts = {.name = "simple_cnn",
                    .classes = 10,
                    .input_size = 32,
                    .min_input_size = 2,
                    .parameters = 41418,
                    .macs = 483328},
          .classifier = "fc",
          .stem = "conv1",
          .create = create,
          .fixed_size = true,
          .input_size_of = input_size_of};
}

}  // namespace

std::vector<ZooEntry> simple_cnn_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
