// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/executor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <torch/torch.h>

#include "engine/top_k.h"
#include "engine/torch_reason.h"
#include "models/self_check.h"
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

OpenedModel open(const NetworkOptions& options) {
  try {
    return open_network(options);
  } catch (const c10::OutOfMemoryError&) {
    throw Error(ErrorCode::kOutOfMemory, "no memory for the weights on " +
                                             options.device.str() + ": " +
                                             options.model_file);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInternal,
                torch_reason(error) + ": " + options.model_file);
  }
}

}  // namespace

Executor::Executor(const NetworkOptions& options)
    : options_(options), model_(open(options)) {}

std::vector<float> Executor::forward(const float* input,
                                     std::size_t count) const {
  std::vector<float> logits = try_forward(input, count);
  if (!logits.empty())
    return logits;
  if (count == 1)
    throw Error(ErrorCode::kOutOfMemory,
                "no memory for one picture on " + options_.device.str());
  const std::size_t half = count / 2;
  logits = forward(input, half);
  const auto rest =
      forward(input + half * input_size(info().preprocessing), count - half);
  logits.insert(logits.end(), rest.begin(), rest.end());
  return logits;
}

std::vector<float> Executor::try_forward(const float* input,
                                         std::size_t count) const {
  try {
    const torch::Tensor logits = run(input, count);
    const float* const begin = logits.const_data_ptr<float>();
    return {begin, begin + logits.numel()};
  } catch (const c10::OutOfMemoryError&) {
    return {};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kOutOfMemory)
      return {};
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInternal,
                torch_reason(error) + ": " + options_.model_file);
  }
}

torch::Tensor Executor::run(const float* input, std::size_t count) const {
  const torch::InferenceMode inference_mode;
  const Preprocessing& shape = info().preprocessing;
  // The tensor is only read: from_blob() has no form for const memory.
  const torch::Tensor pictures = torch::from_blob(
      const_cast<float*>(input), {static_cast<int64_t>(count), shape.channels,
                                  shape.crop_height, shape.crop_width});
  const torch::Tensor logits = model_.network->forward(pictures);
  return logits.to(torch::kCPU, torch::kFloat32).contiguous();  // waits for it
}

void Executor::self_check() const {
  const SelfCheck& expected = info().self_check;
  if (expected.width == 0)
    return;
  const Picture8 picture = self_check_picture(expected.width, expected.height);
  std::vector<float> input(input_size(info().preprocessing));
  preprocess_reference(picture.view(), info().preprocessing, input.data());
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
  const double allowed = self_check_tolerance(options_.dtype) * largest;
  if (difference > allowed)
    throw Error(ErrorCode::kBadData,
                "expected the self-check's logits within " +
                    std::to_string(allowed) + ", got a difference of " +
                    std::to_string(difference) + " on " +
                    options_.device.str() + ": " + options_.model_file);
}

}  // namespace torchclassify
