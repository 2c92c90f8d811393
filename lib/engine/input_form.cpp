// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/input_form.h"

#include <algorithm>
#include <cmath>

#include <torch/torch.h>

namespace torchclassify {
namespace {

// Sides of published models. 224 first: a model that takes any size was most
// likely trained on it. Then ascending, so that a wrong try costs little.
constexpr int kSides[] = {224, 28,  32,  64,  96,  128, 160, 192,
                          227, 240, 256, 288, 299, 320, 331, 380,
                          384, 448, 456, 480, 512, 518, 528, 600};

struct Order {
  bool channels_last;
  bool bytes;
};
// PyTorch's way first. Then the way of frames in memory, where bytes come
// before floats: a model that takes bytes converts them, one that needs floats
// fails on bytes.
constexpr Order kOrders[] = {
    {false, false}, {true, true}, {true, false}, {false, true}};

bool near(float value, float expected) {
  return std::fabs(value - expected) < 1e-6f;
}

void add_sides(const Order& order, int channels,
               std::vector<InputForm>& forms) {
  for (const int side : kSides)
    forms.push_back({order.channels_last, order.bytes, channels, side, side});
}

std::vector<InputForm> forms_of(const Preprocessing& wanted) {
  std::vector<InputForm> forms;
  const bool bytes = gives_bytes(wanted);
  for (const bool as_bytes : {true, false}) {
    if (as_bytes && !bytes)
      continue;
    for (const bool channels_last : {false, true})
      forms.push_back({channels_last, as_bytes, wanted.channels,
                       wanted.crop_height, wanted.crop_width});
  }
  return forms;
}

}  // namespace

std::string form_name(const InputForm& form) {
  const std::string channels = std::to_string(form.channels);
  const std::string sides =
      std::to_string(form.height) + ", " + std::to_string(form.width);
  return std::string(form.bytes ? "uint8" : "float32") + " [N, " +
         (form.channels_last ? sides + ", " + channels
                             : channels + ", " + sides) +
         "]";
}

bool gives_bytes(const Preprocessing& preprocessing) {
  const auto all_near = [](const std::vector<float>& values, float expected) {
    return std::all_of(values.begin(), values.end(), [expected](float value) {
      return near(value, expected);
    });
  };
  return all_near(preprocessing.mean, 0.0f) &&
         all_near(preprocessing.std, 1.0f / 255);
}

std::vector<InputForm> likely_forms(const Preprocessing* wanted, int channels) {
  if (wanted)
    return forms_of(*wanted);
  std::vector<InputForm> forms;
  for (const Order& order : kOrders) {
    add_sides(order, channels == 1 ? 1 : 3, forms);
    add_sides(order, channels == 1 ? 3 : 1, forms);
  }
  return forms;
}

bool fits(const InputForm& form, const Preprocessing& preprocessing) {
  return form.channels == preprocessing.channels &&
         form.height == preprocessing.crop_height &&
         form.width == preprocessing.crop_width &&
         (!form.bytes || gives_bytes(preprocessing));
}

torch::Tensor as_input(const torch::Tensor& pictures, const InputForm& form) {
  torch::Tensor input = pictures;
  if (form.bytes)
    input = input.round().clamp(0, 255).to(torch::kUInt8);
  if (form.channels_last)
    input = input.permute({0, 2, 3, 1});
  // Code may change what it is given.
  return input.clone(torch::MemoryFormat::Contiguous);
}

}  // namespace torchclassify
