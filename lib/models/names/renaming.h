// SPDX-License-Identifier: LGPL-2.1-or-later
// The tool of every mapping: tensors that move from old names to new ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/state_dict.h"

namespace torchclassify::names {

// Prefixes are whole dotted parts: "a.b" is the prefix of "a.b" and of
// "a.b.weight", not of "a.bc".
class Renaming {
 public:
  // origin names the file in errors.
  Renaming(NamedTensors tensors, std::string origin);

  // Of what has not moved yet: whether there is anything at or below prefix,
  // whether this text is in any name, and the tensor of that name (undefined:
  // none).
  bool has(const std::string& prefix) const;
  bool has_text(std::string_view text) const;
  torch::Tensor get(const std::string& name) const;

  // Moves what is at from and below it; nothing if there is nothing.
  void move(const std::string& from, const std::string& to);
  // Moves one tensor and changes it on the way, if it is there.
  template <typename Change>
  void move_as(const std::string& from, const std::string& to, Change change) {
    if (torch::Tensor tensor = take(from); tensor.defined())
      put(to, change(tensor));
  }
  // Moves several as one, the rows of each after the last one's, if all are
  // there, alike and of floating-point numbers.
  void join(const std::vector<std::string>& from, const std::string& to);
  // Takes away what torchvision does not keep.
  void drop(const std::string& prefix);
  // Adds a tensor under its new name. Throws Error kBadData if there is one.
  void put(const std::string& name, torch::Tensor tensor);

  // Throws Error kUnsupported; got: "a ResNet with a deep stem".
  [[noreturn]] void refuse(const std::string& got) const;

  // What has moved or been put, and under its old name what nobody has moved.
  NamedTensors finish() &&;

 private:
  torch::Tensor take(const std::string& name);

  NamedTensors old_;
  NamedTensors new_;
  std::string origin_;
};

// "features.3" from ("features", 3).
std::string numbered(const std::string& prefix, std::int64_t number);

// A convolution over all or one of the pixels as the linear layer that it is:
// [out, in, h, w] as [out, in * h * w]; anything else as it is.
torch::Tensor as_linear(const torch::Tensor& weight);

// A factor per channel beside [N, C, h, w]: [C] as [C, 1, 1].
torch::Tensor as_layer_scale(const torch::Tensor& gamma);

}  // namespace torchclassify::names
