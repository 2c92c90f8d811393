// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tensors.h"

#include <gst/analytics/analytics.h>

#include <vector>

namespace torchclassify {
namespace {

// Of the registry that GStreamer's decoders look tensors up in.
constexpr char kSoftmaxed[] = "classification-generic-softmaxed-out";
constexpr char kOther[] = "torchclassify-confidences";

std::vector<float> rows_of(const FrameResult& result, gsize& rows) {
  const std::size_t classes = result.model->classifier->classes().size();
  std::vector<float> values;
  rows = 0;
  for (const RegionResult& region : result.regions) {
    const std::vector<float>& row = region.verdict->probabilities;
    if (row.size() != classes)
      continue;
    values.insert(values.end(), row.begin(), row.end());
    ++rows;
  }
  return values;
}

}  // namespace

bool have_tensors() { return true; }

void add_tensor(GstBuffer* buffer, const FrameResult& result) {
  gsize rows = 0;
  const std::vector<float> values = rows_of(result, rows);
  if (rows == 0)
    return;
  const bool softmaxed =
      result.model->classifier->info().activation == Activation::kSoftmax;
  gsize dims[] = {rows, values.size() / rows};
  GstTensor* tensor = gst_tensor_new_simple(
      g_quark_from_static_string(softmaxed ? kSoftmaxed : kOther),
      GST_TENSOR_DATA_TYPE_FLOAT32,
      gst_buffer_new_memdup(values.data(), values.size() * sizeof(float)),
      GST_TENSOR_DIM_ORDER_ROW_MAJOR, G_N_ELEMENTS(dims), dims);
  auto** tensors = g_new(GstTensor*, 1);
  tensors[0] = tensor;
  gst_tensor_meta_set(gst_buffer_add_tensor_meta(buffer), 1, tensors);
}

}  // namespace torchclassify
