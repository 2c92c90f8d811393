// SPDX-License-Identifier: LGPL-2.1-or-later
// What train watches, keeps and says.
#include "settings/recipes.h"
#include "settings/setting.h"

namespace torchclassify {
namespace {

using R = TrainRequest;

Setting recipe_setting() {
  Setting result = setting(
      "--recipe",
      "What settings that are not given are; default: by the layout",
      [](R & r) -> auto& { return r.recipe; });
  result.choices = recipe_names();
  return result;
}

}  // namespace

std::vector<Setting> run_settings() {
  return {
      recipe_setting(),
      setting(
          "--output-dir,--output", "Folder for the results",
          [](R & r) -> auto& { return r.options.output; }),
      setting(
          "--resume", "Checkpoint (last.ckpt) to go on from, with its settings",
          [](R & r) -> auto& { return r.options.resume; }),
      choice<Monitor>(
          "--monitor", "What the best epoch is best in, on the validation set",
          {{"accuracy", Monitor::kAccuracy},
           {"balanced_accuracy", Monitor::kBalancedAccuracy},
           {"macro_f1", Monitor::kMacroF1},
           {"map", Monitor::kMeanAveragePrecision},
           {"loss", Monitor::kLoss}},
          [](R & r) -> auto& { return r.options.monitor; }),
      setting(
          "--patience", "Epochs without progress before it ends; 0: no limit",
          [](R & r) -> auto& { return r.options.patience; }),
      setting(
          "--min-delta", "What counts as progress",
          [](R & r) -> auto& { return r.options.min_delta; }),
      setting(
          "--calibrate", "Fit the model's temperature on the validation set",
          [](R & r) -> auto& { return r.options.calibrate; }),
      setting(
          "--checkpoint-steps",
          "Optimiser steps between two checkpoints; 0: one an epoch",
          [](R & r) -> auto& { return r.options.checkpoint_steps; }),
      setting(
          "--keep-last,--checkpoint-hist",
          "Earlier epochs' checkpoints to keep, too",
          [](R & r) -> auto& { return r.options.keep_last; }),
      setting(
          "--print-freq,--log-interval",
          "Steps between two lines; 0: only a line per epoch",
          [](R & r) -> auto& { return r.options.print_frequency; }),
  };
}

}  // namespace torchclassify
