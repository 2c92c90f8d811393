// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/batch_source.h"

#include <memory>
#include <utility>

#include <torch/torch.h>

namespace torchclassify {
namespace {

// A tensor that keeps the values alive.
template <typename Value>
torch::Tensor owning(std::vector<Value> values, torch::IntArrayRef sizes,
                     torch::Dtype dtype) {
  auto owner = std::make_shared<std::vector<Value>>(std::move(values));
  return torch::from_blob(
      owner->data(), sizes, [owner](void*) {}, dtype);
}

}  // namespace

TensorBatch slice(const TensorBatch& batch, std::int64_t begin,
                  std::int64_t end) {
  const auto part = [&](const torch::Tensor& tensor) {
    return tensor.defined() ? tensor.slice(/*dim=*/0, begin, end) : tensor;
  };
  TensorBatch result;
  result.size = static_cast<std::size_t>(end - begin);
  result.inputs = part(batch.inputs);
  result.target = {part(batch.target.labels), part(batch.target.second_labels),
                   batch.target.first_weight, part(batch.target.several)};
  result.labels.assign(batch.labels.begin() + begin,
                       batch.labels.begin() + end);
  result.indices.assign(batch.indices.begin() + begin,
                        batch.indices.begin() + end);
  return result;
}

PictureSource::PictureSource(const Dataset& dataset,
                             const Preprocessing& preprocessing,
                             const LoaderOptions& options)
    : preprocessing_(preprocessing),
      classes_(static_cast<std::int64_t>(dataset.classes().size())),
      loader_(dataset, preprocessing, options) {}

TensorBatch PictureSource::next() {
  Batch batch = loader_.next();
  const auto size = static_cast<std::int64_t>(batch.size);
  TensorBatch result;
  result.size = batch.size;
  result.labels = batch.labels;
  result.indices = std::move(batch.indices);
  // [size, height, width, channels] in memory: channels last of
  // [size, channels, height, width].
  result.inputs = owning(std::move(batch.inputs),
                         {size, preprocessing_.crop_height,
                          preprocessing_.crop_width, preprocessing_.channels},
                         torch::kFloat32)
                      .permute({0, 3, 1, 2});
  result.target.labels = owning(std::move(batch.labels), {size}, torch::kInt64);
  result.target.first_weight = batch.first_weight;
  if (!batch.second_labels.empty())
    result.target.second_labels =
        owning(std::move(batch.second_labels), {size}, torch::kInt64);
  if (!batch.targets.empty())
    result.target.several =
        owning(std::move(batch.targets), {size, classes_}, torch::kFloat32);
  return result;
}

}  // namespace torchclassify
