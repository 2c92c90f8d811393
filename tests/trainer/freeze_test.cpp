// SPDX-License-Identifier: LGPL-2.1-or-later
// What of a network learns, and when.
#include <glib.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <torch/torch.h>

#include "formats/weights_file.h"
#include "halves.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/nn/batch_norm.h"
#include "training/frozen_features.h"
#include "training/trained_model.h"

namespace {
using support::Halves;
using support::small_options;
using support::TemporaryFolder;
using namespace torchclassify;

TrainOptions resnet_options(const std::filesystem::path& output) {
  TrainOptions options = small_options(output);
  options.architecture = "cifar_resnet20";
  return options;
}

std::vector<std::string> learning(const TrainedModel& model) {
  std::vector<std::string> names;
  for (const auto& parameter : model.module().named_parameters()) {
    if (parameter.value().requires_grad())
      names.push_back(parameter.key());
  }
  return names;
}

TrainedModel model_of(const FreezeOptions& freeze) {
  TrainOptions options = resnet_options("unused");
  options.freeze = freeze;
  return TrainedModel(describe(Halves(4), options), options);
}

std::size_t learning_groups(const TrainedModel& model) {
  std::set<std::size_t> groups;
  for (const std::string& name : learning(model))
    groups.insert(layer_group_of(name, model.layers()));
  return groups.size();
}

void test_only_the_head_learns() {
  TrainedModel model = model_of({.all_but_head = true});

  model.enter_epoch(7);

  g_assert_true(model.only_head_learns());
  g_assert_cmpuint(learning_groups(model), ==, 1);
  g_assert_cmpuint(learning(model).size(), ==, 2);  // weight and bias
}

void test_groups_from_the_input_on_are_frozen() {
  TrainedModel model = model_of({.groups = 3});

  model.enter_epoch(1);

  g_assert_cmpuint(learning_groups(model), ==, model.layers().size() - 3);
  g_assert_false(
      model.module().named_parameters()["conv1.weight"].requires_grad());
}

void test_the_head_always_learns() {
  TrainedModel model = model_of({.groups = 1000});

  model.enter_epoch(1);

  g_assert_cmpuint(learning_groups(model), ==, 1);
}

void test_groups_thaw_one_after_another() {
  TrainedModel model = model_of({.all_but_head = true, .unfreeze_epochs = 2});
  std::vector<std::size_t> counts;

  for (int epoch = 1; epoch <= 6; ++epoch) {
    model.enter_epoch(epoch);
    counts.push_back(learning_groups(model));
  }

  g_assert_true(counts == (std::vector<std::size_t>{1, 1, 2, 2, 3, 3}));
  g_assert_false(model.only_head_learns());
  model.enter_epoch(1000);
  g_assert_cmpuint(learning_groups(model), ==, model.layers().size());
}

void test_prefixes_freeze_by_name() {
  TrainedModel model = model_of({.prefixes = {"conv1", "layer2"}});

  model.enter_epoch(1);

  for (const std::string& name : learning(model))
    g_assert_false(name.starts_with("conv1") || name.starts_with("layer2"));
  g_assert_cmpuint(learning(model).size(), >, 10);
}

void test_frozen_norms_keep_their_statistics() {
  TrainedModel model = model_of({.norms = true});

  model.enter_epoch(1);

  int norms = 0;
  for (const auto& module : model.module().modules()) {
    if (!dynamic_cast<const nn::BatchNorm2dImpl*>(module.get()))
      continue;
    ++norms;
    g_assert_false(module->is_training());
    for (const auto& parameter : module->parameters())
      g_assert_false(parameter.requires_grad());
  }
  g_assert_cmpint(norms, >, 10);
}

// A dropped branch in a frozen block would make other features each time.
void test_a_frozen_network_answers_as_when_finished() {
  TrainOptions options = small_options("unused");
  options.architecture = "efficientnet_b0";
  options.preprocessing.crop_width = options.preprocessing.crop_height = 32;
  options.stochastic_depth = 0.5;
  options.dropout = 0;
  options.freeze.all_but_head = true;
  TrainedModel model(describe(Halves(4), options), options);
  const torch::NoGradGuard no_grad;
  const auto pictures = torch::rand({2, 3, 32, 32});

  model.enter_epoch(1);
  const auto first = model.module().forward(pictures.clone());
  const auto second = model.module().forward(pictures.clone());
  model.module().eval();
  const auto finished = model.module().forward(pictures.clone());

  g_assert_true(torch::equal(first, second));
  g_assert_true(torch::equal(first, finished));
}

// What the network keeps fixed by itself stays so.
void test_thawing_leaves_fixed_parameters() {
  TrainOptions options = small_options("unused");
  options.architecture = "airbench94";
  options.preprocessing.crop_width = options.preprocessing.crop_height = 32;
  TrainedModel model(describe(Halves(4), options), options);

  model.enter_epoch(1);

  g_assert_false(
      model.module().named_parameters()["whiten.weight"].requires_grad());
}

struct Kept {
  const char* name;
  void (*change)(TrainOptions&);
  bool kept;
};

const Kept kKept[] = {
    {"head-only", [](auto&) {}, true},
    {"all-learn", [](auto& o) { o.freeze.all_but_head = false; }, false},
    {"unfreezing", [](auto& o) { o.freeze.unfreeze_epochs = 1; }, false},
    {"flips", [](auto& o) { o.augment.hflip = 0.5; }, false},
    {"crops", [](auto& o) { o.augment.crop = CropMode::kRandomResized; },
     false},
    {"shifts", [](auto& o) { o.augment.shift = 1; }, false},
    {"a-policy",
     [](auto& o) { o.augment.policy = AugmentPolicy::kRandAugment; }, false},
    {"erasing", [](auto& o) { o.augment.erase = 0.1; }, false},
    {"mixup", [](auto& o) { o.mixup_alpha = 1; }, false},
    {"cutmix", [](auto& o) { o.cutmix_alpha = 1; }, false},
};

void test_features_are_kept_where_they_stay_the_same(gconstpointer data) {
  const Kept& kept = *static_cast<const Kept*>(data);
  TrainOptions options = resnet_options("unused");
  options.freeze.all_but_head = true;
  kept.change(options);
  const TrainedModel model(describe(Halves(4), options), options);

  g_assert_true(can_keep_features(model, options) == kept.kept);
}

std::filesystem::path first_weights(const TemporaryFolder& folder) {
  TrainOptions options = resnet_options(folder / "first");
  options.epochs = 1;
  train(Halves(24), nullptr, options, {});
  return folder / "first/best.safetensors";
}

// A brightness changed by less than a byte: on, but without an effect.
void test_kept_features_train_to_the_same_weights() {
  const TemporaryFolder folder;
  TrainOptions options = resnet_options(folder / "kept");
  options.weights = first_weights(folder);
  options.freeze.all_but_head = true;
  options.epochs = 3;
  options.optimiser.momentum = 0.9;
  const Halves pictures(42);

  train(pictures, &pictures, options, {});
  options.output = folder / "computed";
  options.augment.brightness = 1e-12;
  train(pictures, &pictures, options, {});

  const auto kept = support::weights_of(folder / "kept/best.safetensors");
  const auto computed =
      support::weights_of(folder / "computed/best.safetensors");
  const auto first = support::weights_of(options.weights);
  g_assert_cmpfloat(support::largest_difference(kept, computed), <, 1e-5);
  g_assert_cmpfloat(support::largest_difference(kept, first), >, 1e-3);
}

struct Frozen {
  const char* name;
  FreezeOptions freeze;
  const char* prefix;  // of what must not change
};

const Frozen kFrozen[] = {
    {"head-only", {.all_but_head = true}, "layer3"},
    {"groups", {.groups = 2}, "conv1"},
    {"norms", {.norms = true}, "bn1"},
    {"prefixes", {.prefixes = {"layer1"}}, "layer1"},
};

NamedTensors tensors_of(const std::filesystem::path& path) {
  const WeightsFile file(path);
  NamedTensors tensors = as_tensors(file);
  for (auto& [name, tensor] : tensors) tensor = tensor.clone();
  return tensors;
}

void test_what_is_frozen_stays(gconstpointer data) {
  const Frozen& frozen = *static_cast<const Frozen*>(data);
  const TemporaryFolder folder;
  TrainOptions options = resnet_options(folder / "second");
  options.weights = first_weights(folder);
  options.freeze = frozen.freeze;
  options.augment.hflip = 0.5;  // with which nothing is kept

  train(Halves(24), nullptr, options, {});

  const auto before = tensors_of(options.weights);
  const auto after = tensors_of(folder / "second/best.safetensors");
  int same = 0, other = 0;
  for (const auto& [name, tensor] : before) {
    const bool equal = torch::equal(tensor, after.at(name));
    (equal ? same : other) += 1;
    if (name.starts_with(frozen.prefix) && !equal)
      g_error("%s has changed", name.c_str());
  }
  g_assert_cmpint(same, >, 0);
  g_assert_cmpint(other, >, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/freeze/only-the-head-learns", test_only_the_head_learns);
  g_test_add_func("/freeze/groups-from-the-input-on-are-frozen",
                  test_groups_from_the_input_on_are_frozen);
  g_test_add_func("/freeze/the-head-always-learns",
                  test_the_head_always_learns);
  g_test_add_func("/freeze/groups-thaw-one-after-another",
                  test_groups_thaw_one_after_another);
  g_test_add_func("/freeze/prefixes-freeze-by-name",
                  test_prefixes_freeze_by_name);
  g_test_add_func("/freeze/frozen-norms-keep-their-statistics",
                  test_frozen_norms_keep_their_statistics);
  g_test_add_func("/freeze/a-frozen-network-answers-as-when-finished",
                  test_a_frozen_network_answers_as_when_finished);
  g_test_add_func("/freeze/thawing-leaves-fixed-parameters",
                  test_thawing_leaves_fixed_parameters);
  support::add_rows("/freeze/features-are-kept-where-they-stay-the-same", kKept,
                    test_features_are_kept_where_they_stay_the_same);
  g_test_add_func("/freeze/kept-features-train-to-the-same-weights",
                  test_kept_features_train_to_the_same_weights);
  support::add_rows("/freeze/what-is-frozen-stays", kFrozen,
                    test_what_is_frozen_stays);
  return g_test_run();
}
