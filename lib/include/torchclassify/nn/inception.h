// SPDX-License-Identifier: LGPL-2.1-or-later
// Inception v3, as torchvision's.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct InceptionV3Options {
  bool aux_logits = true;        // has the auxiliary head
  bool transform_input = false;  // takes pictures with ImageNet's mean and
                                 // standard deviation and gives the network
                                 // its own; only for three channels
  double dropout = 0.5;          // before the classifier, while training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class InceptionV3Impl : public ImageClassifierImpl {
 public:
  // Throws Error kInvalidArgument for transform_input without three channels.
  explicit InceptionV3Impl(const InceptionV3Options& options);
  // Height and width from 75. Does not run the auxiliary head.
  torch::Tensor forward_features(torch::Tensor x) override;
  // The head's loss counts 0.4, as in TensorFlow's inception_v3 of the authors
  // (tensorflow/models, inception/slim) and PyTorch's tutorial on finetuning.
  // With the head, height and width from 299 while training: throws Error
  // kInvalidArgument for less.
  TrainingLogits forward_training(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  // Adds the auxiliary heads' logits to auxiliary, unless that is null.
  torch::Tensor features(torch::Tensor x,
                         std::vector<AuxiliaryLogits>* auxiliary);

  const bool transform_input_;
  // The layers, which are registered one by one: these are not.
  torch::nn::Sequential before_aux_;
  torch::nn::Sequential after_aux_;
  torch::nn::Sequential aux_{nullptr};  // null without an auxiliary head
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(InceptionV3);

}  // namespace torchclassify::nn
