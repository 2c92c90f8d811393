// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train_weights.h"

#include <torch/torch.h>

#include "formats/bundle.h"
#include "models/state_dict.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

bool is_head_of(const torch::Tensor& stored, const torch::Tensor& own,
                const Bundle& bundle) {
  const auto classes = static_cast<std::int64_t>(bundle.info.classes.size());
  return stored.dim() == own.dim() && stored.dim() > 0 &&
         stored.size(0) == classes && own.size(0) != classes &&
         stored.sizes().slice(1) == own.sizes().slice(1);
}

void copy_one(const std::string& name, torch::Tensor own, const Bundle& bundle,
              const std::string& origin) {
  if (name.ends_with("num_batches_tracked"))
    return;
  const auto found = bundle.file.tensors().find(name);
  if (found == bundle.file.tensors().end())
    throw Error(ErrorCode::kBadData,
                "expected a tensor \"" + name + "\", got none in " + origin);
  const torch::Tensor stored = as_tensor(found->second);
  if (stored.sizes() == own.sizes())
    own.copy_(stored);
  else if (!is_head_of(stored, own, bundle))
    throw Error(ErrorCode::kBadData,
                "expected \"" + name + "\" of " + std::to_string(own.numel()) +
                    " values, got " + std::to_string(stored.numel()) + " in " +
                    origin);
}

}  // namespace

void copy_matching_weights(nn::ImageClassifierImpl& module,
                           const std::filesystem::path& path) {
  const torch::NoGradGuard no_grad;
  const Bundle bundle = open_bundle(path);
  for (const auto& item : module.named_parameters())
    copy_one(item.key(), item.value(), bundle, path.string());
  for (const auto& item : module.named_buffers())
    copy_one(item.key(), item.value(), bundle, path.string());
}

void make_channels_last(nn::ImageClassifierImpl& module) {
  for (torch::Tensor& parameter : module.parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(
          parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
  }
}

}  // namespace torchclassify
