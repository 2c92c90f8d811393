// SPDX-License-Identifier: LGPL-2.1-or-later
// Options and sets that cannot be trained with: one Error each, and no files
// of a run.
#include <glib.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "halves.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/train.h"

namespace {
using support::expect_error;
using support::Halves;
using support::small_options;
using support::TemporaryFolder;
using namespace torchclassify;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct BadOption {
  const char* name;
  void (*change)(TrainOptions&);
  const char* word;
};

const BadOption kBadOptions[] = {
    {"no-epochs", [](auto& o) { o.epochs = 0; }, "epoch"},
    {"no-batch", [](auto& o) { o.batch_size = 0; }, "batch"},
    {"no-accumulation", [](auto& o) { o.accumulation = 0; }, "batch"},
    {"no-workers", [](auto& o) { o.workers = 0; }, "workers"},
    {"too-many-workers", [](auto& o) { o.workers = 257; }, "workers"},
    {"no-copies", [](auto& o) { o.repeats = 0; }, "repetitions"},
    {"negative-warm-up", [](auto& o) { o.warmup_epochs = -1; }, "warm-up"},
    {"negative-patience", [](auto& o) { o.patience = -1; }, "patience"},
    {"nan-delta", [](auto& o) { o.min_delta = kNan; }, "progress"},
    {"negative-mixup", [](auto& o) { o.mixup_alpha = -1; }, "mixup"},
    {"nan-cutmix", [](auto& o) { o.cutmix_alpha = kNan; }, "cutmix"},
    {"negative-groups", [](auto& o) { o.freeze.groups = -1; }, "groups"},
    {"negative-unfreezing", [](auto& o) { o.freeze.unfreeze_epochs = -1; },
     "learn again"},
    {"unknown-prefix", [](auto& o) { o.freeze.prefixes = {"layer9"}; },
     "layer9"},
    {"all-dropped", [](auto& o) { o.dropout = 1; }, "dropout"},
    {"no-dropout-to-set", [](auto& o) { o.dropout = 0.5; }, "dropout"},
    {"no-depth-to-leave-out", [](auto& o) { o.stochastic_depth = 0.5; },
     "depth"},
    {"negative-crop", [](auto& o) { o.train_crop = -1; }, "crop"},
    {"negative-checkpoints", [](auto& o) { o.checkpoint_steps = -1; },
     "checkpoints"},
    {"negative-keeping", [](auto& o) { o.keep_last = -1; }, "keep"},
    {"negative-reports", [](auto& o) { o.print_frequency = -1; }, "reports"},
    {"negative-rate", [](auto& o) { o.schedule.peak = -1; }, "rate"},
    {"nan-rate", [](auto& o) { o.schedule.peak = kNan; }, "rate"},
    {"floor-above-the-rate", [](auto& o) { o.schedule.floor = 1; }, "lowest"},
    {"no-step", [](auto& o) { o.schedule.step_size = 0; }, "step"},
    {"growing", [](auto& o) { o.schedule.gamma = 1.5; }, "factor"},
    {"negative-milestone",
     [](auto& o) {
       o.schedule.milestones = {3, -1};
     },
     "milestones"},
    {"no-power", [](auto& o) { o.schedule.power = 0; }, "power"},
    {"only-rising", [](auto& o) { o.schedule.one_cycle_rise = 1; }, "rise"},
    {"from-nothing", [](auto& o) { o.schedule.one_cycle_start = 0; }, "first"},
    {"below-nothing", [](auto& o) { o.schedule.one_cycle_end = -1; }, "last"},
    {"negative-plateau", [](auto& o) { o.schedule.plateau_patience = -1; },
     "plateau"},
    {"warmer-than-warm", [](auto& o) { o.schedule.warmup_start = 2; },
     "first share"},
    {"momentum-of-one", [](auto& o) { o.optimiser.momentum = 1; }, "momentum"},
    {"nesterov-without-momentum",
     [](auto& o) {
       o.optimiser.nesterov = true;
       o.optimiser.momentum = 0;
     },
     "nesterov"},
    {"beta1-of-one", [](auto& o) { o.optimiser.beta1 = 1; }, "beta1"},
    {"nan-beta2", [](auto& o) { o.optimiser.beta2 = kNan; }, "beta2"},
    {"negative-alpha", [](auto& o) { o.optimiser.alpha = -0.1; }, "alpha"},
    {"no-epsilon", [](auto& o) { o.optimiser.epsilon = 0; }, "epsilon"},
    {"negative-decay", [](auto& o) { o.optimiser.weight_decay = -1; }, "decay"},
    {"negative-norm-decay", [](auto& o) { o.optimiser.norm_weight_decay = -1; },
     "decay"},
    {"nan-bias-decay", [](auto& o) { o.optimiser.bias_weight_decay = kNan; },
     "decay"},
    {"no-bias-rate", [](auto& o) { o.optimiser.bias_rate = 0; }, "biases"},
    {"no-layer-decay", [](auto& o) { o.optimiser.layer_decay = 0; },
     "layer decay"},
    {"negative-clipping", [](auto& o) { o.optimiser.clip_norm = -1; }, "norm"},
    {"all-smoothed", [](auto& o) { o.loss.label_smoothing = 1; }, "label"},
    {"negative-gamma", [](auto& o) { o.loss.focal_gamma = -1; }, "gamma"},
    {"too-few-weights",
     [](auto& o) {
       o.loss.class_weights = ClassWeights::kGiven;
       o.loss.weights = {1};
     },
     "2 class weights"},
    {"a-weight-of-none",
     [](auto& o) {
       o.loss.class_weights = ClassWeights::kGiven;
       o.loss.weights = {1, 0};
     },
     "positive class weights"},
    {"average-of-one", [](auto& o) { o.average.decay = 1; }, "average"},
    {"average-never", [](auto& o) { o.average.steps = 0; }, "average"},
    {"flipped-twice", [](auto& o) { o.augment.hflip = 2; }, "flip"},
    {"no-channels", [](auto& o) { o.preprocessing.channels = 0; }, "channel"},
    {"zero-std", [](auto& o) { o.preprocessing.std[0] = 0; }, "std"},
};

void test_a_bad_option_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadOption*>(data);
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "run");
  bad.change(options);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { train(Halves(20), nullptr, options, {}); }, bad.word);

  g_assert_false(std::filesystem::exists(folder / "run/last.ckpt"));
}

void test_an_unknown_architecture_is_refused() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.architecture = "resnet19";

  expect_error(
      ErrorCode::kNotFound, [&] { train(Halves(20), nullptr, options, {}); },
      "resnet19");
}

void test_weights_of_another_architecture_are_refused() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "first");
  train(Halves(20), nullptr, options, {});
  options.weights = folder / "first/best.safetensors";
  options.architecture = "cifar_resnet20";

  expect_error(
      ErrorCode::kBadData, [&] { train(Halves(20), nullptr, options, {}); },
      "best.safetensors");
}

struct BadSet {
  const char* name;
  std::size_t size;
  std::vector<std::string> classes;
  const char* word;
};

const BadSet kBadSets[] = {
    {"one-class", 20, {"left"}, "two classes"},
    {"empty-class", 20, {"left", "right", "middle"}, "\"middle\""},
    {"no-pictures", 0, {"left", "right"}, "\"left\""},
    {"not-utf-8", 20, {"left", "\xFF"}, "UTF-8"},
};

void test_a_set_without_a_choice_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadSet*>(data);
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kBadData,
      [&] {
        train(Halves(bad.size, bad.classes), nullptr,
              small_options(folder.path()), {});
      },
      bad.word);
}

void test_validation_with_other_classes_is_refused() {
  const TemporaryFolder folder;
  const Halves validation(20, {"left", "other"});

  expect_error(
      ErrorCode::kBadData,
      [&] { train(Halves(20), &validation, small_options(folder.path()), {}); },
      "classes");
}

void test_empty_validation_is_refused() {
  const TemporaryFolder folder;
  const Halves validation(0);

  expect_error(
      ErrorCode::kBadData,
      [&] { train(Halves(20), &validation, small_options(folder.path()), {}); },
      "validation pictures");
}

void test_a_set_without_a_readable_picture_is_refused() {
  const TemporaryFolder folder;
  Halves pictures(4);
  pictures.break_pictures({0, 1, 2, 3});
  TrainOptions options = small_options(folder.path());
  options.on_corrupt = OnCorrupt::kSkip;
  options.freeze.all_but_head = true;

  expect_error(
      ErrorCode::kBadData, [&] { train(pictures, nullptr, options, {}); },
      "can be read");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/train-refusals/a-bad-option-is-refused", kBadOptions,
                    test_a_bad_option_is_refused);
  g_test_add_func("/train-refusals/an-unknown-architecture-is-refused",
                  test_an_unknown_architecture_is_refused);
  g_test_add_func("/train-refusals/weights-of-another-architecture-are-refused",
                  test_weights_of_another_architecture_are_refused);
  support::add_rows("/train-refusals/a-set-without-a-choice-is-refused",
                    kBadSets, test_a_set_without_a_choice_is_refused);
  g_test_add_func("/train-refusals/validation-with-other-classes-is-refused",
                  test_validation_with_other_classes_is_refused);
  g_test_add_func("/train-refusals/empty-validation-is-refused",
                  test_empty_validation_is_refused);
  g_test_add_func("/train-refusals/a-set-without-a-readable-picture-is-refused",
                  test_a_set_without_a_readable_picture_is_refused);
  return g_test_run();
}
