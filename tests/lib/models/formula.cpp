// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formula.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "models/blocks.h"
#include "torchclassify/nn/batch_norm.h"

namespace support {
namespace {

// Number i of the name's sequence in [-1, 1): a multiple of 2^-23.
double formula(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t x = seed + (i + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x = x ^ (x >> 31);
  return static_cast<double>(x >> 40) / 0x1p23 - 1.0;
}

// The last norm of a residual branch: depth must not blow up.
bool ends_branch(const std::string& name) {
  for (const char* end :
       {"bn2.weight", "bn3.weight", ".3.1.weight", ".c.1.weight"}) {
    if (name.ends_with(end))
      return true;
  }
  return false;
}

struct Range {
  double middle = 0.0;
  double radius = 0.125;
};

Range range_of(const std::string& name, const torch::Tensor& tensor) {
  const bool matrix = tensor.dim() > 1 && tensor.numel() > tensor.size(0);
  if (matrix)
    return {.middle = 0.0,
            .radius = std::sqrt(
                6.0 / static_cast<double>(tensor.numel() / tensor.size(0)))};
  if (ends_branch(name))
    return {.middle = 0.25, .radius = 0.125};
  if (name.ends_with("weight") || name.ends_with("running_var") ||
      tensor.dim() > 1)
    return {.middle = 1.0, .radius = 0.25};
  return {};
}

void fill(const std::string& name, torch::Tensor tensor) {
  const Range range = range_of(name, tensor);
  const std::uint64_t seed = fnv1a(name);
  float* const values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    values[i] = static_cast<float>(
        range.middle +
        range.radius * formula(seed, static_cast<std::uint64_t>(i)));
}

}  // namespace

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char byte : text)
    value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return value;
}

torch::Tensor numbers_by_formula(const std::string& name, std::int64_t count) {
  const auto numbers = torch::empty(count, torch::kFloat64);
  const std::uint64_t seed = fnv1a(name);
  double* const values = numbers.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < count; ++i)
    values[i] = formula(seed, static_cast<std::uint64_t>(i));
  return numbers;
}

void fill_by_formula(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters())
    fill(parameter.key(), parameter.value());
  for (auto& buffer : module.named_buffers()) {
    if (buffer.key().ends_with("num_batches_tracked"))
      buffer.value().zero_();
    else if (buffer.key().find("running_") != std::string::npos)
      fill(buffer.key(), buffer.value());
  }
}

torch::Tensor pictures_by_formula(std::int64_t count, std::int64_t size) {
  return numbers_by_formula("picture", count * 3 * size * size)
      .to(torch::kFloat32)
      .view({count, 3, size, size});
}

void leave_nothing_to_chance(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    if (auto* dropout = part->as<torch::nn::Dropout>())
      dropout->options.p(0);
    if (auto* depth = part->as<torchclassify::nn::StochasticDepth>())
      depth->set_probability(0);
  }
}

void take_statistics(torchclassify::nn::ImageClassifierImpl& model,
                     const torch::Tensor& pictures) {
  std::vector<
      std::pair<torchclassify::nn::BatchNorm2dImpl*, std::optional<double>>>
      norms;
  for (const auto& part : model.modules()) {
    if (auto* norm = part->as<torchclassify::nn::BatchNorm2d>())
      norms.emplace_back(norm, norm->options.momentum());
  }
  if (norms.empty())
    return;
  for (const auto& [norm, momentum] : norms) norm->options.momentum(1.0);
  const torch::NoGradGuard no_grad;
  model.train();
  model.forward(pictures);
  for (const auto& [norm, momentum] : norms) norm->options.momentum(momentum);
}

}  // namespace support
