// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/random_state.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "torchclassify/error.h"

namespace torchclassify {

NamedTensors random_state() {
  return {{"cpu", at::detail::getDefaultCPUGenerator().get_state()}};
}

void set_random_state(const NamedTensors& state) {
  const auto cpu = state.find("cpu");
  if (cpu == state.end())
    throw Error(ErrorCode::kBadData,
                "expected the state of the random numbers, got none");
  auto generator = at::detail::getDefaultCPUGenerator();
  try {
    generator.set_state(cpu->second);
  } catch (const c10::Error&) {
    throw Error(ErrorCode::kBadData,
                "expected the state of LibTorch's random numbers, got " +
                    std::to_string(cpu->second.numel()) + " other bytes");
  }
}

}  // namespace torchclassify
