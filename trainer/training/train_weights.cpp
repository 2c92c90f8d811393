// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/train_weights.h"

#include <utility>

#include <torch/torch.h>

#include "formats/weights_file.h"
#include "models/new_head.h"
#include "models/recognise.h"
#include "models/state_dict.h"
#include "models/weight_names.h"

namespace torchclassify {

void start_from_weights(nn::ImageClassifierImpl& module, const ModelInfo& info,
                        const std::filesystem::path& path) {
  const WeightsFile file(path);
  NamedTensors tensors =
      torchvision_names(as_tensors(file), path.string()).tensors;
  const RecognisedModel model = recognise_model(tensors, info.architecture);
  if (std::cmp_not_equal(model.classes, info.classes.size()))
    tensors = with_new_head(std::move(tensors), module, info.architecture);
  load_state_dict(module, std::move(tensors), path.string());
}

void make_channels_last(nn::ImageClassifierImpl& module) {
  for (torch::Tensor& parameter : module.parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(
          parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
  }
}

}  // namespace torchclassify
