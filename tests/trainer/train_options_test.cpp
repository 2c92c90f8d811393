// SPDX-License-Identifier: LGPL-2.1-or-later
// Every option of TrainOptions does something, or leaves the result alone as it
// should.
#include <glib.h>

#include <filesystem>

#include "halves.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/train.h"

namespace {
using support::Halves;
using support::largest_difference;
using support::small_options;
using support::TemporaryFolder;
using support::weights_of;
using namespace torchclassify;

using Change = void (*)(TrainOptions&);

// The weights that a set of 20 pictures, one class of which is rarer, gives;
// without validation, those of the last epoch.
std::vector<float> trained(const TrainOptions& options,
                           bool validated = false) {
  const TemporaryFolder folder;
  Halves pictures(20);
  pictures.make_rare(4);
  TrainOptions here = options;
  here.output = folder.path();
  train(pictures, validated ? &pictures : nullptr, here, {});
  return weights_of(folder / "best.safetensors");
}

struct Effect {
  const char* name;
  Change base;  // what both runs have
  Change change;
};

void nothing(TrainOptions&) {}
void resnet(TrainOptions& o) { o.architecture = "cifar_resnet20"; }
void rms_prop(TrainOptions& o) { o.optimiser.kind = OptimiserKind::kRmsProp; }
void adam(TrainOptions& o) { o.optimiser.kind = OptimiserKind::kAdam; }
void average(TrainOptions& o) {
  o.average = {.enabled = true, .decay = 0.99, .steps = 1};
}
void focal(TrainOptions& o) { o.loss.kind = LossKind::kFocal; }
void larger(TrainOptions& o) {
  o.preprocessing.crop_width = o.preprocessing.crop_height = 32;
}
template <ScheduleKind kind>
void schedule(TrainOptions& o) {
  o.epochs = 3;
  o.schedule.kind = kind;
}
template <CropMode mode>
void crop(TrainOptions& o) {
  o.augment.crop = mode;
}
template <AugmentPolicy policy>
void change_by(TrainOptions& o) {
  o.augment.policy = policy;
}
void warm(TrainOptions& o) { o.warmup_epochs = 1; }

const Effect kEffects[] = {
    // The model.
    {"architecture", resnet, [](auto& o) { o.freeze.norms = true; }},
    {"mean", nothing,
     [](auto& o) {
       o.preprocessing.mean = {0, 0, 0};
     }},
    {"train-crop", resnet, [](auto& o) { o.train_crop = 6; }},
    {"dropout",
     [](auto& o) {
       o.architecture = "mobilenet_v2";
       larger(o);
     },
     [](auto& o) { o.dropout = 0.7; }},
    {"stochastic-depth",
     [](auto& o) {
       o.architecture = "efficientnet_b0";
       larger(o);
       o.epochs = 1;
     },
     [](auto& o) { o.stochastic_depth = 0.7; }},
    // The optimisation.
    {"epochs", nothing, [](auto& o) { o.epochs = 3; }},
    {"batch-size", nothing, [](auto& o) { o.batch_size = 4; }},
    {"accumulation", nothing, [](auto& o) { o.accumulation = 2; }},
    {"seed", nothing, [](auto& o) { o.seed = 7; }},
    {"rmsprop", nothing, rms_prop},
    {"adam", nothing, adam},
    {"adamw", adam,
     [](auto& o) {
       o.optimiser.kind = OptimiserKind::kAdamW;
       o.optimiser.weight_decay = 0.5;
     }},
    {"momentum", nothing, [](auto& o) { o.optimiser.momentum = 0; }},
    {"momentum-of-rmsprop", rms_prop,
     [](auto& o) { o.optimiser.momentum = 0; }},
    {"nesterov", nothing, [](auto& o) { o.optimiser.nesterov = true; }},
    {"beta1", adam, [](auto& o) { o.optimiser.beta1 = 0.5; }},
    {"beta2", adam, [](auto& o) { o.optimiser.beta2 = 0.5; }},
    {"alpha", rms_prop, [](auto& o) { o.optimiser.alpha = 0.5; }},
    {"epsilon", adam, [](auto& o) { o.optimiser.epsilon = 0.1; }},
    {"weight-decay", nothing, [](auto& o) { o.optimiser.weight_decay = 0.5; }},
    {"norm-weight-decay", resnet,
     [](auto& o) { o.optimiser.norm_weight_decay = 0.5; }},
    {"bias-weight-decay", nothing,
     [](auto& o) { o.optimiser.bias_weight_decay = 0.5; }},
    {"bias-rate", resnet, [](auto& o) { o.optimiser.bias_rate = 8; }},
    {"layer-decay", nothing, [](auto& o) { o.optimiser.layer_decay = 0.5; }},
    {"clip-norm", nothing, [](auto& o) { o.optimiser.clip_norm = 0.01; }},
    {"average", nothing, average},
    {"average-decay", average, [](auto& o) { o.average.decay = 0.999; }},
    {"average-steps", average, [](auto& o) { o.average.steps = 3; }},
    {"bf16", nothing, [](auto& o) { o.amp = AmpType::kBf16; }},
    {"fp16", nothing, [](auto& o) { o.amp = AmpType::kFp16; }},
    // The learning rate.
    {"peak", nothing, [](auto& o) { o.schedule.peak = 0.02; }},
    {"step-schedule", nothing,
     [](auto& o) {
       o.schedule.kind = ScheduleKind::kStep;
       o.schedule.step_size = 1;
     }},
    {"step-size", schedule<ScheduleKind::kStep>,
     [](auto& o) { o.schedule.step_size = 2; }},
    {"gamma", schedule<ScheduleKind::kExponential>,
     [](auto& o) { o.schedule.gamma = 0.5; }},
    {"milestones", schedule<ScheduleKind::kMultiStep>,
     [](auto& o) { o.schedule.milestones = {1}; }},
    {"floor", schedule<ScheduleKind::kCosine>,
     [](auto& o) { o.schedule.floor = 0.005; }},
    {"power", schedule<ScheduleKind::kPolynomial>,
     [](auto& o) { o.schedule.power = 3; }},
    {"one-cycle-rise", schedule<ScheduleKind::kOneCycle>,
     [](auto& o) { o.schedule.one_cycle_rise = 0.5; }},
    {"one-cycle-start", schedule<ScheduleKind::kOneCycle>,
     [](auto& o) { o.schedule.one_cycle_start = 0.5; }},
    {"one-cycle-end", schedule<ScheduleKind::kOneCycle>,
     [](auto& o) { o.schedule.one_cycle_end = 1; }},
    {"plateau-patience",
     [](auto& o) {
       schedule<ScheduleKind::kPlateau>(o);
       o.epochs = 5;
       o.schedule.peak = 1e-7;  // nothing gets better
     },
     [](auto& o) { o.schedule.plateau_patience = 0; }},
    {"warm-up", nothing, warm},
    {"warm-up-kind", warm,
     [](auto& o) { o.schedule.warmup = WarmupKind::kConstant; }},
    {"warm-up-start", warm, [](auto& o) { o.schedule.warmup_start = 0.5; }},
    {"by-epoch", schedule<ScheduleKind::kCosine>,
     [](auto& o) { o.schedule_by_epoch = true; }},
    // The loss.
    {"focal", nothing, focal},
    {"focal-gamma", focal, [](auto& o) { o.loss.focal_gamma = 4; }},
    {"label-smoothing", nothing, [](auto& o) { o.loss.label_smoothing = 0.2; }},
    {"balanced-weights", nothing,
     [](auto& o) { o.loss.class_weights = ClassWeights::kBalanced; }},
    {"effective-weights", nothing,
     [](auto& o) { o.loss.class_weights = ClassWeights::kEffective; }},
    {"given-weights", nothing,
     [](auto& o) {
       o.loss.class_weights = ClassWeights::kGiven;
       o.loss.weights = {1, 9};
     }},
    // The pictures.
    {"random-resized", nothing, crop<CropMode::kRandomResized>},
    {"random-padded", nothing, crop<CropMode::kRandomPadded>},
    {"scale-min", crop<CropMode::kRandomResized>,
     [](auto& o) { o.augment.crop_scale_min = 0.9; }},
    {"scale-max", crop<CropMode::kRandomResized>,
     [](auto& o) { o.augment.crop_scale_max = 0.3; }},
    {"padding", crop<CropMode::kRandomPadded>,
     [](auto& o) { o.augment.crop_padding = 1; }},
    {"border", crop<CropMode::kRandomPadded>,
     [](auto& o) { o.augment.border = Border::kBlack; }},
    {"shift", nothing, [](auto& o) { o.augment.shift = 2; }},
    {"hflip", nothing, [](auto& o) { o.augment.hflip = 0.5; }},
    {"vflip", nothing, [](auto& o) { o.augment.vflip = 0.5; }},
    {"degrees", nothing, [](auto& o) { o.augment.degrees = 30; }},
    {"translate", nothing, [](auto& o) { o.augment.translate = 0.3; }},
    {"scale", nothing, [](auto& o) { o.augment.scale = 0.3; }},
    {"shear", nothing, [](auto& o) { o.augment.shear = 30; }},
    {"policy", nothing, change_by<AugmentPolicy::kTrivialAugmentWide>},
    {"magnitude", change_by<AugmentPolicy::kRandAugment>,
     [](auto& o) { o.augment.magnitude = 20; }},
    {"operations", change_by<AugmentPolicy::kRandAugment>,
     [](auto& o) { o.augment.operations = 4; }},
    {"severity", change_by<AugmentPolicy::kAugMix>,
     [](auto& o) { o.augment.augmix_severity = 9; }},
    {"brightness", nothing, [](auto& o) { o.augment.brightness = 0.5; }},
    {"contrast", nothing, [](auto& o) { o.augment.contrast = 0.5; }},
    {"saturation", nothing, [](auto& o) { o.augment.saturation = 0.5; }},
    {"hue", nothing, [](auto& o) { o.augment.hue = 0.3; }},
    {"grayscale", nothing, [](auto& o) { o.augment.grayscale = 0.5; }},
    {"blur", nothing, [](auto& o) { o.augment.blur = 0.5; }},
    {"erase", nothing, [](auto& o) { o.augment.erase = 1; }},
    {"sampling", nothing, [](auto& o) { o.sampling = Sampling::kBalanced; }},
    {"repeats", [](auto& o) { o.augment.hflip = 0.5; },
     [](auto& o) { o.repeats = 2; }},
    {"mixup", nothing, [](auto& o) { o.mixup_alpha = 1; }},
    {"cutmix", nothing, [](auto& o) { o.cutmix_alpha = 1; }},
};

void test_an_option_changes_the_weights(gconstpointer data) {
  const Effect& effect = *static_cast<const Effect*>(data);
  TrainOptions options = small_options("");
  effect.base(options);
  const auto before = trained(options);

  effect.change(options);
  const auto after = trained(options);

  g_assert_cmpfloat(largest_difference(before, after), >, 0);
}

struct Neutral {
  const char* name;
  Change change;
};

const Neutral kNeutral[] = {
    {"workers", [](auto& o) { o.workers = 5; }},
    {"cache", [](auto& o) { o.cache_bytes = 0; }},
    {"checkpoint-steps", [](auto& o) { o.checkpoint_steps = 1; }},
    {"keep-last", [](auto& o) { o.keep_last = 1; }},
    {"print-frequency", [](auto& o) { o.print_frequency = 1; }},
    {"configuration", [](auto& o) { o.configuration = "a = 1"; }},
    {"calibrate", [](auto& o) { o.calibrate = true; }},
};

void test_an_option_leaves_the_weights(gconstpointer data) {
  TrainOptions options = small_options("");
  options.augment.hflip = 0.5;
  const auto before = trained(options, /*validated=*/true);

  static_cast<const Neutral*>(data)->change(options);

  g_assert_true(trained(options, /*validated=*/true) == before);
}

void test_twice_half_a_batch_is_a_batch() {
  TrainOptions options = small_options("");
  options.batch_size = 16;
  const auto whole = trained(options);

  options.batch_size = 8;
  options.accumulation = 2;

  g_assert_cmpfloat(largest_difference(whole, trained(options)), <, 1e-6);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/train-options/changes-the-weights", kEffects,
                    test_an_option_changes_the_weights);
  support::add_rows("/train-options/leaves-the-weights", kNeutral,
                    test_an_option_leaves_the_weights);
  g_test_add_func("/train-options/twice-half-a-batch-is-a-batch",
                  test_twice_half_a_batch_is_a_batch);
  return g_test_run();
}
