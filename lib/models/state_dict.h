// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights by name: from a file into a module, and out of it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/tensor_view.h"
#include "torchclassify/model_info.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify {

class WeightsFile;

using NamedTensors = std::map<std::string, torch::Tensor>;

// A tensor over the view's bytes (the view's owner must outlive it); a copy
// only of bytes that do not lie as the type needs them.
torch::Tensor as_tensor(const TensorView& view);
NamedTensors as_tensors(const TensorViews& views);
// The file's, which must outlive them; a tensor's last owner lets its pages go.
NamedTensors as_tensors(const WeightsFile& file);

// A view of a contiguous CPU tensor's bytes (the tensor must outlive it).
// Throws Error kUnsupported for a type that the format lacks.
TensorView as_view(const torch::Tensor& tensor);
TensorViews as_views(const NamedTensors& tensors);

// How a file's tensors fit a module's; names in their order.
struct WeightsReport {
  std::size_t matched = 0;
  std::vector<std::string> missing;  // num_batches_tracked may be, and is not
  std::vector<std::string> unexpected;  // listed
  // "NAME: expected Float [3, 64], got Float [4, 64]": another shape or kind
  std::vector<std::string> unlike;

  bool fits() const;
  // "2 missing (first conv1.weight); 1 unexpected (fc.bias)"
  std::string summary() const;
};

WeightsReport compare_weights(const torch::nn::Module& module,
                              const NamedTensors& tensors);

// Copies every tensor into the module's parameter or buffer of that name,
// converting half, bfloat16 and double to the module's type. Strict: throws
// Error kBadData with the report's summary, or for a tensor with NaN or
// infinity in it (after conversion), and changes nothing then. Each tensor is
// let go as soon as it is copied. origin names the file in errors.
void load_state_dict(torch::nn::Module& module, NamedTensors tensors,
                     const std::string& origin);

// Parameters and buffers by name, detached, contiguous, on the CPU.
NamedTensors state_dict(const torch::nn::Module& module);

// The model that info describes. Without initialize its weights hold anything,
// for others follow.
std::shared_ptr<nn::ImageClassifierImpl> create_model(const ModelInfo& info,
                                                      bool initialize = false);

}  // namespace torchclassify
