// SPDX-License-Identifier: LGPL-2.1-or-later
// What GoogLeNet and Inception share.
#pragma once

#include <cstdint>
#include <string>

#include <torch/nn/modules/conv.h>

#include "torchclassify/nn/batch_norm.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify::nn {

struct BasicConvShape {
  std::int64_t in = 0;      // channels
  std::int64_t out = 0;     // channels
  std::int64_t height = 1;  // of the kernel
  std::int64_t width = 1;   // of the kernel
  std::int64_t stride = 1;
  bool padded = true;  // so that stride 1 keeps height and width
};

// torchvision's BasicConv2d: convolution "conv", batch norm "bn" and a ReLU.
class BasicConv2dImpl : public torch::nn::Module {
 public:
  explicit BasicConv2dImpl(const BasicConvShape& shape);
  // [N, in, h, w] to [N, out, about h / stride, about w / stride]
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::Conv2d conv_;
  BatchNorm2d bn_;
};
TORCH_MODULE(BasicConv2d);

// Throws Error kInvalidArgument unless a picture has the three channels that
// transform_input() is for. architecture names the model in it.
void check_transform_input(std::int64_t channels,
                           const std::string& architecture);

// x: [N, 3, h, w], normalised with ImageNet's mean and standard deviation.
// Returns the same pictures normalised as TensorFlow's models want them: 0 to 1
// becomes -1 to 1.
torch::Tensor transform_input(const torch::Tensor& x);

// Fills the weights of convolutions and linear layers with numbers of the
// truncated normal distribution whose standard deviation std_of gives for the
// layer's name.
void initialize_truncated(torch::nn::Module& module,
                          double (*std_of)(const std::string& layer));

// What ModelOptions::extra has by that name, or otherwise.
bool extra_option(const ModelOptions& options, const std::string& name,
                  bool otherwise);

}  // namespace torchclassify::nn
