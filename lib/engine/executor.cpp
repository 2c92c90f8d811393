// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/executor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <torch/torch.h>

#include "engine/top_k.h"
#include "formats/bundle.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// How far logits may be from the recorded ones, relative to the largest: other
// processors and LibTorch versions sum in another order, and half precision
// keeps 8 (bf16) or 11 (fp16) bits through every layer.
double self_check_tolerance(torch::Dtype dtype) {
  if (dtype == torch::kBFloat16)
    return 0.1;
  return dtype == torch::kHalf ? 0.02 : 1e-3;
}

void to_channels_last(torch::nn::Module& module) {
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(
          parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// create_model() does not know the file, nor that nobody typed the name.
std::shared_ptr<nn::ImageClassifierImpl> make_module(
    const ModelInfo& info, const std::string& model_file) {
  try {
    return create_model(info);
  } catch (const Error& error) {
    throw Error(error.code() == ErrorCode::kNotFound ? ErrorCode::kUnsupported
                                                     : ErrorCode::kBadData,
                error.what() + (": " + model_file));
  }
}

}  // namespace

Executor::Executor(const std::string& model_file, const torch::Device& device,
                   Precision precision)
    : model_file_(model_file), device_(device), dtype_(dtype_of(precision)) {
  Bundle bundle = open_bundle(model_file);
  info_ = std::move(bundle.info);
  try {
    const torch::NoGradGuard no_grad;
    module_ = make_module(info_, model_file);
    load_state_dict(*module_, bundle.file.tensors(), model_file);
    module_->eval();
    module_->to(device_, dtype_);
    to_channels_last(*module_);
  } catch (const c10::OutOfMemoryError& error) {
    throw Error(ErrorCode::kOutOfMemory, "no memory for the weights on " +
                                             device_.str() + ": " + model_file);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInternal,
                first_line(error.what_without_backtrace()) + ": " + model_file);
  }
}

std::vector<float> Executor::forward(const float* input,
                                     std::size_t count) const {
  try {
    const torch::Tensor logits = run(input, count);
    const float* const begin = logits.const_data_ptr<float>();
    return {begin, begin + logits.numel()};
  } catch (const c10::OutOfMemoryError&) {
    if (count == 1)
      throw Error(ErrorCode::kOutOfMemory,
                  "no memory for one picture on " + device_.str());
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInternal,
                first_line(error.what_without_backtrace()));
  }
  const std::size_t half = count / 2;
  std::vector<float> logits = forward(input, half);
  const auto rest =
      forward(input + half * input_size(info_.preprocessing), count - half);
  logits.insert(logits.end(), rest.begin(), rest.end());
  return logits;
}

torch::Tensor Executor::run(const float* input, std::size_t count) const {
  const torch::InferenceMode inference_mode;
  const Preprocessing& shape = info_.preprocessing;
  // The tensor is only read: from_blob() has no form for const memory.
  const torch::Tensor pictures = torch::from_blob(
      const_cast<float*>(input), {static_cast<int64_t>(count), shape.channels,
                                  shape.crop_height, shape.crop_width});
  const torch::Tensor logits =
      module_->forward(pictures.to(device_, dtype_)
                           .contiguous(torch::MemoryFormat::ChannelsLast));
  return logits.to(torch::kCPU, torch::kFloat32).contiguous();  // waits for it
}

void Executor::self_check() const {
  const SelfCheck& expected = info_.self_check;
  if (expected.width == 0)
    return;
  const Picture8 picture = self_check_picture(expected.width, expected.height);
  std::vector<float> input(input_size(info_.preprocessing));
  preprocess_reference(picture.view(), info_.preprocessing, input.data());
  const std::vector<float> got = forward(input.data(), 1);

  double largest = 1.0;
  // max() would forget a NaN.
  double difference =
      all_finite(got) ? 0.0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::fabs(double{expected.logits[i]}));
    difference = std::max(
        difference, std::fabs(double{got[i]} - double{expected.logits[i]}));
  }
  const double allowed = self_check_tolerance(dtype_) * largest;
  if (difference > allowed)
    throw Error(ErrorCode::kBadData,
                "expected the self-check's logits within " +
                    std::to_string(allowed) + ", got a difference of " +
                    std::to_string(difference) + " on " + device_.str() + ": " +
                    model_file_);
}

}  // namespace torchclassify
