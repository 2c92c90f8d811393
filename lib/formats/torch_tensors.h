// SPDX-License-Identifier: LGPL-2.1-or-later
// Tensors in the pickle of torch.save(): a view of a storage each.
#pragma once

#include <string>

#include "formats/pickle.h"
#include "formats/tensor_view.h"
#include "formats/torch_storages.h"

namespace torchclassify {

// Whether the value is a tensor or a parameter.
bool is_tensor(const PickleValue& value);

// The view that an is_tensor() value describes. Throws Error naming the tensor
// and origin (the file): kBadData for one that leaves its storage or repeats
// its elements; kUnsupported for one whose numbers are not as they lie there.
TensorView read_tensor(const std::string& name, const PickleValue& value,
                       TorchStorages& storages, const std::string& origin);

}  // namespace torchclassify
