// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/save.h"

#include <utility>

#include <torch/torch.h>

#include "formats/bundle.h"
#include "models/state_dict.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Puts the module and its parts into eval mode, and each back as it was.
class EvalMode {
 public:
  explicit EvalMode(torch::nn::Module& module) : module_(module) {
    was_training_.push_back(module.is_training());
    for (const auto& part : module.modules(/*include_self=*/false))
      was_training_.push_back(part->is_training());
    module.eval();
  }
  ~EvalMode() {
    // Outer parts come first: train() reaches down to the inner ones.
    auto was_training = was_training_.begin();
    module_.train(*was_training++);
    for (const auto& part : module_.modules(/*include_self=*/false))
      part->train(*was_training++);
  }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  torch::nn::Module& module_;
  std::vector<bool> was_training_;
};

// float32 [1, channels, height, width] on the CPU
torch::Tensor self_check_input(const ModelInfo& info) {
  const Picture8 picture =
      self_check_picture(info.self_check.width, info.self_check.height);
  const Preprocessing& shape = info.preprocessing;
  check_preprocessing(shape);
  torch::Tensor input =
      torch::empty({1, shape.channels, shape.crop_height, shape.crop_width});
  preprocess_reference(picture.view(), shape, input.mutable_data_ptr<float>());
  return input;
}

NamedTensors rounded_weights(const torch::nn::Module& module,
                             torch::Dtype dtype) {
  if (dtype != torch::kFloat32 && dtype != torch::kHalf &&
      dtype != torch::kBFloat16)
    throw Error(ErrorCode::kInvalidArgument,
                std::string("expected weights in Float, Half or BFloat16, "
                            "got ") +
                    torch::toString(dtype));
  NamedTensors tensors = state_dict(module);
  for (auto& [name, tensor] : tensors) {
    if (tensor.is_floating_point())
      tensor = tensor.to(dtype);
  }
  return tensors;
}

}  // namespace

std::vector<float> self_check_logits(nn::ImageClassifierImpl& module,
                                     const ModelInfo& info) {
  const torch::NoGradGuard no_grad;
  const EvalMode eval(module);
  const auto some_weight = module.parameters().front();
  const torch::Tensor logits =
      module.forward(self_check_input(info).to(some_weight.options()))
          .to(torch::kCPU, torch::kFloat32)
          .contiguous();
  const float* const begin = logits.const_data_ptr<float>();
  return {begin, begin + logits.numel()};
}

void save_bundle(const std::filesystem::path& path, ModelInfo info,
                 const nn::ImageClassifierImpl& module, torch::Dtype dtype) {
  const NamedTensors tensors = rounded_weights(module, dtype);
  // A second model, loaded as a reader of the file would.
  const auto reader = create_model(info);
  load_state_dict(*reader, tensors, path.string());
  if (info.self_check.width == 0) {
    info.self_check.width = kSelfCheckWidth;
    info.self_check.height = kSelfCheckHeight;
  }
  info.self_check.logits = self_check_logits(*reader, info);
  write_bundle(path, info, as_views(tensors));
}

}  // namespace torchclassify
