// SPDX-License-Identifier: LGPL-2.1-or-later
// The network that learns: made, started from weights, frozen in part.
#pragma once

#include <memory>
#include <string>

#include "models/state_dict.h"
#include "torchclassify/train/train.h"
#include "training/parameter_groups.h"

namespace torchclassify {

// What the finished bundle will say of itself.
ModelInfo describe(const Dataset& training, const TrainOptions& options);

class TrainedModel {
 public:
  // Throws Error kBadData for weights that do not fit; kInvalidArgument for
  // dropout that the architecture does not have, or frozen prefixes that no
  // parameter's name begins with.
  TrainedModel(const ModelInfo& info, const TrainOptions& options);

  nn::ImageClassifierImpl& module() const { return *module_; }
  const LayerGroups& layers() const { return layers_; }

  // Which parameters learn in this epoch (from 1), and training mode for the
  // modules that do. Parameters that the network itself keeps fixed stay so.
  void enter_epoch(int epoch);
  // Whether only the last layer learns, from beginning to end.
  bool only_head_learns() const;

 private:
  std::size_t frozen_groups(int epoch) const;
  bool is_frozen(const std::string& name, int epoch) const;
  void set_modes();

  FreezeOptions freeze_;
  std::shared_ptr<nn::ImageClassifierImpl> module_;
  LayerGroups layers_;
  std::vector<std::string> fixed_;  // parameters that never learn
};

// Another module of the same kind with the same values, in eval mode.
std::shared_ptr<nn::ImageClassifierImpl> copy_of(
    const nn::ImageClassifierImpl& module, const ModelInfo& info);

}  // namespace torchclassify
