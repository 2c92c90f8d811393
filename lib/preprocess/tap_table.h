// SPDX-License-Identifier: LGPL-2.1-or-later
// One axis's resampling weights, laid out for the kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "preprocess/kernels.h"
#include "preprocess/resample.h"

namespace torchclassify {

template <typename Weight>
struct TapTable {
  std::int64_t origin = 0;          // source pixel that first[] counts from
  int span = 0;                     // source pixels that are used, from origin
  int longest = 0;                  // most weights of an output
  int taps = 0;                     // that, rounded up to whole kGroups
  std::vector<std::int32_t> first;  // per output, from origin
  std::vector<Weight> weights;      // [outputs, taps], zeros at the end

  // Sums of fixed-point weights run along the taps, and so in whole vectors;
  // those of floating-point ones run along the rows.
  static constexpr int kGroup =
      std::is_same_v<Weight, std::int32_t> ? kTapGroup : 1;

  int outputs() const { return static_cast<int>(first.size()); }
  // Elements that a row must have for the kernels to read, zeros included.
  int padded_span() const { return span + taps; }
};

template <typename Weight>
Weight convert_weight(double weight) {
  if constexpr (std::is_same_v<Weight, std::int32_t>)
    return fixed_weight(weight);
  else
    return static_cast<Weight>(weight);
}

template <typename Weight>
TapTable<Weight> make_tap_table(const std::vector<Taps>& taps) {
  TapTable<Weight> table;
  if (taps.empty())
    return table;
  std::size_t most = 0;
  table.origin = taps.front().first;
  for (const Taps& tap : taps) {
    most = std::max(most, tap.weights.size());
    table.origin = std::min(table.origin, tap.first);
  }
  constexpr int kGroup = TapTable<Weight>::kGroup;
  table.longest = static_cast<int>(most);
  table.taps = (static_cast<int>(most) + kGroup - 1) / kGroup * kGroup;
  table.weights.resize(taps.size() * static_cast<std::size_t>(table.taps));
  auto row = table.weights.begin();
  for (const Taps& tap : taps) {
    const auto first = static_cast<std::int32_t>(tap.first - table.origin);
    table.first.push_back(first);
    table.span =
        std::max(table.span, first + static_cast<int>(tap.weights.size()));
    std::transform(tap.weights.begin(), tap.weights.end(), row,
                   convert_weight<Weight>);
    row += table.taps;
  }
  return table;
}

}  // namespace torchclassify
