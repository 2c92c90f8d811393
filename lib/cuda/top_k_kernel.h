// SPDX-License-Identifier: LGPL-2.1-or-later
// Logits in device memory to the few bytes that go back: engine/top_k.h.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/float16.h"
#include "torchclassify/model_info.h"

namespace torchclassify::cuda {

struct TopKOptions {
  int classes;
  int k;  // at least 1, at most classes
  Activation activation;
  double temperature;  // above 0
};

struct TopClass {
  std::int32_t label_id;
  float confidence;
};

// Lanes of a block, however many threads it has, so that sums are the same.
inline constexpr int kLanes = 256;

// A class on its way to the top; label_id -1: none.
struct Candidate {
  float logit;
  int label_id;
};

// Descending, equal ones by label id; none is last.
TORCHCLASSIFY_DEVICE bool comes_before(const Candidate& a, const Candidate& b) {
  if (a.label_id < 0 || b.label_id < 0)
    return b.label_id < 0 && a.label_id >= 0;
  return a.logit != b.logit ? a.logit > b.logit : a.label_id < b.label_id;
}

TORCHCLASSIFY_DEVICE double confidence_of(const TopKOptions& options,
                                          double logit, double largest,
                                          double sum) {
  switch (options.activation) {
    case Activation::kSoftmax:
      return exp((logit - largest) / options.temperature) / sum;
    case Activation::kSigmoid:
      return 1.0 / (1.0 + exp(-logit / options.temperature));
    case Activation::kNone:
      break;
  }
  return logit / options.temperature;
}

// Combines all lanes' values into that of lane 0.
template <typename Value, typename Combine>
TORCHCLASSIFY_DEVICE Value combine_lanes(const Block& block, Value* values,
                                         Combine combine) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    sync();
    for (int lane = block.thread; lane < half; lane += block.threads)
      values[lane] = combine(values[lane], values[lane + half]);
  }
  sync();
  const Value combined = values[0];
  sync();
  return combined;
}

// The best of a row that comes after this one.
template <typename Element>
TORCHCLASSIFY_DEVICE Candidate next_best(const Block& block,
                                         const Element* logits, int classes,
                                         const Candidate& before,
                                         Candidate* best) {
  for (int lane = block.thread; lane < kLanes; lane += block.threads) {
    best[lane] = {0.0f, -1};
    for (int i = lane; i < classes; i += kLanes) {
      const Candidate candidate = {load(logits + i), i};
      const bool follows =
          before.label_id < 0 || comes_before(before, candidate);
      if (follows && comes_before(candidate, best[lane]))
        best[lane] = candidate;
    }
  }
  return combine_lanes(block, best, [](const Candidate& a, const Candidate& b) {
    return comes_before(b, a) ? b : a;
  });
}

template <typename Element>
TORCHCLASSIFY_DEVICE bool row_is_finite(const Block& block,
                                        const Element* logits, int classes,
                                        int* finite) {
  for (int lane = block.thread; lane < kLanes; lane += block.threads) {
    finite[lane] = 1;
    for (int i = lane; i < classes; i += kLanes) {
      const float logit = load(logits + i);
      // Neither NaN nor infinity less itself is zero.
      if (!(logit - logit == 0.0f))
        finite[lane] = 0;
    }
  }
  return combine_lanes(block, finite, [](int a, int b) { return a & b; }) != 0;
}

template <typename Element>
TORCHCLASSIFY_DEVICE double sum_of_powers(const Block& block,
                                          const Element* logits,
                                          const TopKOptions& options,
                                          double largest, double* sums) {
  for (int lane = block.thread; lane < kLanes; lane += block.threads) {
    sums[lane] = 0;
    for (int i = lane; i < options.classes; i += kLanes)
      sums[lane] += exp((load(logits + i) - largest) / options.temperature);
  }
  return combine_lanes(block, sums, [](double a, double b) { return a + b; });
}

// A block for each row x. logits: [rows, classes]; top: [rows, k], whose first
// label id is -1 where a logit is NaN or infinite.
template <typename Element>
TORCHCLASSIFY_DEVICE void top_k(const Block& block, const Element* logits,
                                const TopKOptions& options, TopClass* top) {
  TORCHCLASSIFY_SHARED Candidate best[kLanes];
  TORCHCLASSIFY_SHARED double sums[kLanes];
  TORCHCLASSIFY_SHARED int finite[kLanes];
  logits += static_cast<std::int64_t>(block.x) * options.classes;
  top += static_cast<std::int64_t>(block.x) * options.k;
  if (!row_is_finite(block, logits, options.classes, finite)) {
    if (block.thread == 0)
      top[0] = {-1, 0.0f};
    return;
  }
  Candidate at = {0.0f, -1};
  double largest = 0;
  double sum = 1;
  for (int i = 0; i < options.k; ++i) {
    at = next_best(block, logits, options.classes, at, best);
    if (i == 0 && options.activation == Activation::kSoftmax) {
      largest = at.logit;
      sum = sum_of_powers(block, logits, options, largest, sums);
    }
    if (block.thread == 0)
      top[i] = {at.label_id, static_cast<float>(confidence_of(options, at.logit,
                                                              largest, sum))};
  }
}

}  // namespace torchclassify::cuda
