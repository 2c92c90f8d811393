// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formula.h"

#include <cmath>

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

void fill(const std::string& name, torch::Tensor tensor) {
  double offset = 0.0;
  double scale = 0.125;
  if (tensor.dim() > 1) {
    const auto fan_in = tensor.numel() / tensor.size(0);
    scale = std::sqrt(6.0 / static_cast<double>(fan_in));
  } else if (name.ends_with("bn2.weight") || name.ends_with("bn3.weight")) {
    offset = 0.375;
  } else if (name.ends_with("running_var") || name.ends_with("weight")) {
    offset = 1.0;
    scale = 0.25;
  }
  const std::uint64_t seed = fnv1a(name);
  float* const values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    values[i] = static_cast<float>(
        offset + scale * formula(seed, static_cast<std::uint64_t>(i)));
}

}  // namespace

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char byte : text)
    value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return value;
}

void fill_by_formula(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters())
    fill(parameter.key(), parameter.value());
  for (auto& buffer : module.named_buffers()) {
    if (buffer.value().is_floating_point())
      fill(buffer.key(), buffer.value());
    else
      buffer.value().zero_();
  }
}

torch::Tensor picture_by_formula(std::int64_t size) {
  const auto picture = torch::empty({1, 3, size, size});
  const std::uint64_t seed = fnv1a("picture");
  float* const values = picture.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < picture.numel(); ++i)
    values[i] =
        static_cast<float>(formula(seed, static_cast<std::uint64_t>(i)));
  return picture;
}

}  // namespace support
