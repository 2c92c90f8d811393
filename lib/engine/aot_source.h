// SPDX-License-Identifier: LGPL-2.1-or-later
// What an AOTInductor package takes, read from the C++ source in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torchclassify {

// The input's checks as PyTorch 2.7 and newer generate them. They are off when
// the code runs: a tensor of another shape would be read beyond its end.
struct AotSource {
  int inputs = 0;
  int outputs = 0;
  std::string dtype;  // of the first input: "float32", "uint8"
  // Its sides and strides, where they are fixed; 8 at most.
  std::vector<std::optional<std::int64_t>> sides;
  std::vector<std::optional<std::int64_t>> strides;  // elements
  std::int64_t largest_batch = 0;  // where the first side is free; 0: any
};

// source: a package's *.wrapper.cpp. What is not found stays as it is above.
AotSource read_aot_source(std::string_view source);

}  // namespace torchclassify
