// SPDX-License-Identifier: LGPL-2.1-or-later
// The network of train, and what of it learns how.
#include "settings/setting.h"

namespace torchclassify {
namespace {

using R = TrainRequest;

// head-only, norms (bn), a number of layer groups, or beginnings of names.
void read_freeze(R& request, const std::vector<std::string>& words) {
  FreezeOptions& freeze = request.options.freeze;
  freeze = {.unfreeze_epochs = freeze.unfreeze_epochs};
  for (const std::string& word : words) {
    if (word == "head-only")
      freeze.all_but_head = true;
    else if (word == "bn")
      freeze.norms = true;
    else if (word.find_first_not_of("0123456789") == std::string::npos)
      freeze.groups = number_from<int>(word);
    else
      freeze.prefixes.push_back(word);
  }
}

std::optional<std::string> freeze_toml(const R& request) {
  const FreezeOptions& freeze = request.options.freeze;
  std::vector<std::string> words = freeze.prefixes;
  if (freeze.all_but_head)
    words.push_back("head-only");
  if (freeze.norms)
    words.push_back("bn");
  if (freeze.groups > 0)
    words.push_back(std::to_string(freeze.groups));
  return toml_of(words);
}

Setting freeze_setting() {
  Setting setting;
  setting.names = "--freeze";
  setting.help =
      "What does not learn: head-only (all but the last layer), a number of "
      "layer groups from the input on, bn (batch norms), or the beginnings of "
      "parameters' names";
  setting.several = true;
  setting.set = read_freeze;
  setting.toml = freeze_toml;
  return setting;
}

}  // namespace

std::vector<Setting> model_settings() {
  return {
      setting(
          "--model", "Architecture, as `torchclassify models` lists them",
          [](R & r) -> auto& { return r.options.architecture; }),
      setting(
          "--weights",
          "Bundle or weights file to start from; the last layer is replaced "
          "when its number of classes differs",
          [](R & r) -> auto& { return r.options.weights; }),
      freeze_setting(),
      setting(
          "--unfreeze-epochs",
          "Epochs after which one more frozen layer group learns; 0: never",
          [](R & r) -> auto& { return r.options.freeze.unfreeze_epochs; }),
      setting(
          "--dropout,--drop",
          "Probability, in front of the last layer; default: the "
          "architecture's",
          [](R & r) -> auto& { return r.options.dropout; }),
      setting(
          "--stochastic-depth,--drop-path",
          "Probability of leaving a block out; default: the architecture's",
          [](R & r) -> auto& { return r.options.stochastic_depth; }),
      choice<bool>(
          "--dtype", "Of the weights in the bundle",
          {{"fp32", false}, {"fp16", true}},
          [](R & r) -> auto& { return r.options.half_bundle; }),
  };
}

}  // namespace torchclassify
