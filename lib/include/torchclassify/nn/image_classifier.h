// SPDX-License-Identifier: LGPL-2.1-or-later
// What every model of the zoo is: pictures in, logits out.
#pragma once

#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace torchclassify::nn {

// A head in the middle of the network that only helps training.
struct AuxiliaryLogits {
  torch::Tensor logits;    // [N, classes]
  double loss_weight = 0;  // of its loss beside the main one's
};

struct TrainingLogits {
  torch::Tensor logits;  // [N, classes]
  std::vector<AuxiliaryLogits> auxiliary;
};

class ImageClassifierImpl : public torch::nn::Module {
 public:
  // x: float [N, channels, height, width], normalised as the model's
  // preprocessing says; may be overwritten. Returns logits [N, classes]: those
  // of forward_head(forward_features(x)).
  torch::Tensor forward(torch::Tensor x);

  // The same with the auxiliary heads' logits, where there are some and the
  // module is in training mode.
  virtual TrainingLogits forward_training(torch::Tensor x);

  // x as above. Returns the last features that still have places in the
  // picture, [N, features, h, w] (VisionTransformer: tokens, as it says there).
  virtual torch::Tensor forward_features(torch::Tensor x) = 0;

  // features: what forward_features() returns; not overwritten, also where they
  // require gradients. Returns the logits [N, classes]; with pre_logits what
  // the last layer makes them of: float [N, F], after dropout while training
  // (SqueezeNet, whose last layer is a convolution: [N, F, h, w]).
  torch::Tensor forward_head(torch::Tensor features, bool pre_logits = false);

  // pre_logits: what forward_head() returns of that name; not overwritten.
  // Returns the logits [N, classes].
  virtual torch::Tensor forward_last(torch::Tensor pre_logits) = 0;

  // Computes what some networks derive from training pictures, and do not learn
  // step by step. Call it once, before the first step. Most have nothing such.
  // pictures: float [N, channels, h, w], normalised; a few thousand are enough.
  // Throws Error kInvalidArgument for others, or with NaN or infinity in them.
  virtual void start_from_pictures(const torch::Tensor& pictures);

 protected:
  // From the features to the pre-logits: their means, unless overridden.
  virtual torch::Tensor forward_pool(torch::Tensor features);
};

}  // namespace torchclassify::nn
