// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights by name: from a file into a module, and out of it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "formats/safetensors.h"
#include "torchclassify/model_info.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify {

// A tensor over the view's bytes (the view's owner must outlive it); a copy
// only of bytes that do not lie as the type needs them.
torch::Tensor as_tensor(const TensorView& view);
// A view of a contiguous CPU tensor's bytes (the tensor must outlive it).
// Throws Error kUnsupported for a type that the format lacks.
TensorView as_view(const torch::Tensor& tensor);

// Copies every tensor into the module's parameter or buffer of that name,
// converting half, bfloat16 and double to the module's type. Strict: throws
// Error kBadData, naming the first missing, unexpected or wrong-shape tensors
// and their counts, or a tensor with NaN or infinity in it (after conversion),
// and changes nothing then. num_batches_tracked may be absent, as in old files.
// origin names the file in errors.
void load_state_dict(torch::nn::Module& module, const TensorViews& tensors,
                     const std::string& origin);

// Parameters and buffers by name, detached, contiguous, on the CPU.
std::map<std::string, torch::Tensor> state_dict(
    const torch::nn::Module& module);

// The model that info describes, without its weights.
std::shared_ptr<nn::ImageClassifierImpl> create_model(const ModelInfo& info);

// Guesses the architecture from names and shapes of the tensors; empty if none
// or several fit. Sets nothing else.
std::string recognise_architecture(const TensorViews& tensors);

}  // namespace torchclassify
