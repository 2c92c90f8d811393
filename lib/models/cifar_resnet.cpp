// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/cifar_resnet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

struct BlockShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t stride = 1;
};

class CifarBlockImpl : public torch::nn::Module {
 public:
  explicit CifarBlockImpl(const BlockShape& shape)
      : shape_(shape),
        conv1_(convolution(
            {.in = shape.in, .out = shape.out, .stride = shape.stride})),
        bn1_(shape.out),
        conv2_(convolution({.in = shape.out, .out = shape.out})),
        bn2_(shape.out) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    register_module("conv2", conv2_);
    register_module("bn2", bn2_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride], rounded up
  torch::Tensor forward(torch::Tensor x) {
    auto y = bn1_(conv1_(x)).relu_();
    y = bn2_(conv2_(y));
    return y.add_(shortcut(x)).relu_();
  }

 private:
  // The paper's option A: no weights, the new channels are zero.
  torch::Tensor shortcut(const torch::Tensor& x) const {
    if (shape_.stride == 1 && shape_.in == shape_.out)
      return x;
    const std::int64_t pad = shape_.out / 4;
    const auto every_other =
        x.slice(2, 0, x.size(2), 2).slice(3, 0, x.size(3), 2);
    return torch::constant_pad_nd(every_other, {0, 0, 0, 0, pad, pad});
  }

  const BlockShape shape_;
  torch::nn::Conv2d conv1_;
  BatchNorm2d bn1_;
  torch::nn::Conv2d conv2_;
  BatchNorm2d bn2_;
};
TORCH_MODULE(CifarBlock);

torch::nn::Sequential make_stage(int blocks, BlockShape shape) {
  torch::nn::Sequential stage;
  for (int i = 0; i < blocks; ++i) {
    stage->push_back(CifarBlock(shape));
    shape = {.in = shape.out, .out = shape.out};
  }
  return stage;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
CifarResNetImpl::CifarResNetImpl(const CifarResNetOptions& options) {
  constexpr std::int64_t kStem = 16;
  conv1_ = register_module("conv1",
                           convolution({.in = options.channels, .out = kStem}));
  bn1_ = register_module("bn1", BatchNorm2d(kStem));

  BlockShape shape{.in = kStem, .out = kStem};
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i] = register_module("layer" + std::to_string(i + 1),
                                 make_stage(options.blocks, shape));
    shape = {.in = shape.out, .out = 2 * shape.out, .stride = 2};
  }
  linear_ =
      register_module("linear", torch::nn::Linear(shape.in, options.classes));

  initialize_convolutions(*this, torch::kFanIn);
  torch::nn::init::kaiming_normal_(linear_->weight);
}

torch::Tensor CifarResNetImpl::forward_features(torch::Tensor x) {
  x = bn1_(conv1_(x)).relu_();  // [N, 16, h, w]
  for (auto& layer : layers_) x = layer->forward(x);
  return x;  // [N, 64, h / 4, w / 4]
}

torch::Tensor CifarResNetImpl::forward_last(torch::Tensor pre_logits) {
  return linear_(pre_logits);  // [N, classes]
}

namespace {

template <int kDepth>
std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  const CifarResNetOptions shape{.blocks = (kDepth - 2) / 6};
  return std::make_shared<CifarResNetImpl>(with_model_options(shape, options));
}

template <int kDepth>
ZooEntry entry(std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = "cifar_resnet" + std::to_string(kDepth),
                    .classes = 10,
                    .input_size = 32,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "linear",
          .stem = "conv1",
          .create = create<kDepth>};
}

}  // namespace

std::vector<ZooEntry> cifar_resnet_zoo() {
  return {
      entry<20>(269722, 40551040),    entry<32>(464154, 68862592),
      entry<44>(658586, 97174144),    entry<56>(853018, 125485696),
      entry<110>(1727962, 252887680),
  };
}

}  // namespace torchclassify::nn
