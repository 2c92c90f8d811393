// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/first_pictures.h"

#include <vector>

#include <torch/torch.h>

#include "training/train_weights.h"

namespace torchclassify {
namespace {

// Enough to tell what pictures look like.
constexpr std::int64_t kFirstPictures = 5000;

}  // namespace

void start_from_pictures(nn::ImageClassifierImpl& module, BatchSource& source) {
  source.start(/*epoch=*/0, /*first_batch=*/0);
  std::vector<torch::Tensor> pictures;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < source.batches() && count < kFirstPictures; ++i) {
    const TensorBatch batch = source.next();
    if (batch.size > 0)
      pictures.push_back(batch.inputs);
    count += static_cast<std::int64_t>(batch.size);
  }
  if (!pictures.empty())
    module.start_from_pictures(torch::cat(pictures));
  make_channels_last(module);
}

}  // namespace torchclassify
