// SPDX-License-Identifier: LGPL-2.1-or-later
// GoogLeNet (Inception v1) with batch normalisation, as torchvision's.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct GoogLeNetOptions {
  bool aux_logits = true;        // has the two auxiliary heads
  bool transform_input = false;  // takes pictures with ImageNet's mean and
                                 // standard deviation and gives the network
                                 // its own; only for three channels
  double dropout = 0.2;          // before the classifier, while training
  double dropout_aux = 0.7;      // in the auxiliary heads, while training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class GoogLeNetImpl : public ImageClassifierImpl {
 public:
  // Throws Error kInvalidArgument for transform_input without three channels.
  explicit GoogLeNetImpl(const GoogLeNetOptions& options);
  // Height and width from 15. Does not run the auxiliary heads.
  torch::Tensor forward_features(torch::Tensor x) override;
  // Each head's loss counts 0.3 (the paper, Szegedy et al. 2014, section 5).
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
  torch::nn::Sequential before_aux1_;
  torch::nn::Sequential before_aux2_;  // from there
  torch::nn::Sequential after_aux2_;
  torch::nn::Sequential aux1_{nullptr};  // null without auxiliary heads
  torch::nn::Sequential aux2_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(GoogLeNet);

}  // namespace torchclassify::nn
