// SPDX-License-Identifier: LGPL-2.1-or-later
// What a user's device and precision come to on this machine.
#pragma once

#include <string>

#include <torch/types.h>

#include "torchclassify/classifier.h"

namespace torchclassify {

// auto, cpu, cuda, cuda:N to a device. Throws Error kInvalidArgument for
// another string, kDeviceUnavailable for a CUDA device that is not there.
torch::Device resolve_device(const std::string& device);

// kAuto to fp32 on the CPU and fp16 on CUDA; the others to themselves.
Precision resolve_precision(Precision precision, const torch::Device& device);

torch::Dtype dtype_of(Precision precision);  // of a resolved precision

}  // namespace torchclassify
