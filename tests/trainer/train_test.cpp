// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs from beginning to end: what they write and what they say.
#include "torchclassify/train/train.h"

#include <glib.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "formats/bundle.h"
#include "halves.h"
#include "support/assert_text.h"
#include "support/expect_error.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::assert_text;
using support::expect_error;
using support::Halves;
using support::read_file;
using support::small_options;
using support::TemporaryFolder;
using namespace torchclassify;
using nlohmann::json;

json status_of(const fs::path& run) {
  return json::parse(read_file(run / "status.json"));
}

void test_pictures_become_a_bundle_and_a_report() {
  const TemporaryFolder folder;
  const Halves pictures(40);

  const TrainResult result =
      train(pictures, &pictures, small_options(folder / "run"), {});

  g_assert_cmpfloat(result.best.accuracy, ==, 1);
  g_assert_cmpint(result.epochs, ==, 2);
  g_assert_false(result.stopped || result.stopped_early);
  const Bundle bundle = open_bundle(folder / "run/best.safetensors");
  g_assert_true(bundle.info.classes == pictures.classes());
  g_assert_true(bundle.info.architecture == "simple_cnn");
  g_assert_cmpuint(bundle.info.self_check.logits.size(), ==, 2);
  const json metrics = json::parse(read_file(folder / "run/metrics.json"));
  g_assert_cmpfloat(metrics.at("accuracy").get<double>(), ==, 1);
  g_assert_true(status_of(folder / "run").at("state") == "done");
  for (const char* name : {"run/last.ckpt", "run/history.csv",
                           "run/report.html", "run/predictions.csv"})
    g_assert_true(fs::exists(folder / name));
  g_assert_false(fs::exists(folder / "run/skipped.csv"));
}

void test_without_validation_the_last_epoch_is_the_best() {
  const TemporaryFolder folder;

  const TrainResult result =
      train(Halves(16), nullptr, small_options(folder.path()), {});

  g_assert_cmpint(result.best_epoch, ==, 2);
  g_assert_false(result.history[1].validated);
  g_assert_true(fs::exists(folder / "best.safetensors"));
  g_assert_false(fs::exists(folder / "report.html"));
}

TrainOptions busy_options(const fs::path& output) {
  TrainOptions options = small_options(output);
  options.augment = {.crop = CropMode::kRandomResized,
                     .hflip = 0.5,
                     .degrees = 10,
                     .brightness = 0.3,
                     .erase = 0.3};
  options.mixup_alpha = 0.2;
  options.cutmix_alpha = 1;
  return options;
}

void test_the_number_of_workers_does_not_matter() {
  const TemporaryFolder folder;
  const Halves pictures(30);

  for (const int workers : {1, 3, 16}) {
    TrainOptions options = busy_options(folder / std::to_string(workers));
    options.workers = workers;
    train(pictures, &pictures, options, {});
  }

  for (const char* file :
       {"best.safetensors", "last.ckpt", "history.csv", "report.html"}) {
    const std::string one = read_file(folder / "1" / file);
    g_assert_true(one == read_file(folder / "3" / file));
    g_assert_true(one == read_file(folder / "16" / file));
  }
}

void test_weights_start_a_training_with_other_classes() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "first");
  train(Halves(20), nullptr, options, {});
  options.weights = folder / "first/best.safetensors";
  options.output = folder / "second";

  train(Halves(21, {"left", "right", "same"}, /*labels=*/3), nullptr, options,
        {});

  const Bundle bundle = open_bundle(folder / "second/best.safetensors");
  g_assert_cmpuint(bundle.info.classes.size(), ==, 3);
}

// No step changes anything, so the first epoch stays the best.
void test_patience_ends_a_run_without_progress() {
  const TemporaryFolder folder;
  const Halves pictures(16);
  TrainOptions options = small_options(folder.path());
  options.epochs = 50;
  options.schedule.peak = 1e-12;
  options.patience = 3;

  const TrainResult result = train(pictures, &pictures, options, {});

  g_assert_true(result.stopped_early);
  g_assert_cmpint(result.epochs, ==, 4);
  g_assert_cmpint(result.best_epoch, ==, 1);
}

void test_too_little_progress_is_none() {
  const TemporaryFolder folder;
  const Halves pictures(16);
  TrainOptions options = small_options(folder.path());
  options.epochs = 20;
  options.monitor = Monitor::kLoss;
  options.patience = 2;
  options.min_delta = 100;

  const TrainResult result = train(pictures, &pictures, options, {});

  g_assert_cmpint(result.epochs, ==, 3);
  g_assert_cmpint(result.best_epoch, ==, 3);  // better, if only by little
}

// Validation pictures of the rare class alone count as much as all others.
void test_the_monitor_says_what_is_best() {
  const TemporaryFolder folder;
  Halves pictures(40);
  pictures.make_rare(10);
  TrainOptions options = small_options(folder.path());
  options.epochs = 8;
  options.schedule.peak = 0.003;
  options.monitor = Monitor::kBalancedAccuracy;

  const TrainResult result = train(pictures, &pictures, options, {});

  const auto best = std::ranges::max_element(
      result.history, {}, &EpochRecord::valid_balanced_accuracy);
  g_assert_cmpint(result.best_epoch, ==, best->epoch);
}

void test_steps_and_epochs_are_reported() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.print_frequency = 2;
  std::vector<std::size_t> steps;
  std::vector<int> epochs;
  TrainCallbacks callbacks;
  callbacks.on_step = [&](const StepReport& report) {
    g_assert_cmpuint(report.steps, ==, 5);
    g_assert_cmpfloat(report.loss, >, 0);
    g_assert_cmpfloat(report.learning_rate, ==, 0.01);
    steps.push_back(report.step);
  };
  callbacks.on_epoch = [&](const EpochReport& report) {
    g_assert_cmpfloat(report.images_per_second, >, 0);
    epochs.push_back(report.record.epoch);
  };

  train(Halves(40), nullptr, options, callbacks);

  g_assert_true(steps == (std::vector<std::size_t>{2, 4, 2, 4}));
  g_assert_true(epochs == (std::vector<int>{1, 2}));
}

// Pictures of both sets, whatever the order their batches come in.
void test_skipped_pictures_are_named_once() {
  const TemporaryFolder folder;
  Halves training(40), validation(8);
  training.break_pictures({3, 17, 31});
  validation.break_pictures({5});
  TrainOptions options = small_options(folder.path());
  options.on_corrupt = OnCorrupt::kSkip;
  options.epochs = 3;
  std::vector<std::string> names;
  TrainCallbacks callbacks;
  callbacks.on_skipped = [&](const SkippedPicture& picture) {
    names.push_back(picture.name);
  };

  train(training, &validation, options, callbacks);

  std::ranges::sort(names);
  g_assert_true(names == (std::vector<std::string>{"picture-17", "picture-3",
                                                   "picture-31", "picture-5"}));
  const std::string table = read_file(folder / "skipped.csv");
  g_assert_cmpint(std::ranges::count(table, '\n'), ==, 5);
  g_assert_true(table.starts_with("path,reason\npicture-17,"));
}

void test_an_unreadable_picture_stops_with_its_name() {
  const TemporaryFolder folder;
  Halves pictures(20);
  pictures.break_pictures({7});

  expect_error(
      ErrorCode::kBadData,
      [&] { train(pictures, nullptr, small_options(folder.path()), {}); },
      "picture-7");

  const json status = status_of(folder.path());
  g_assert_true(status.at("state") == "failed");
  g_assert_true(status.at("error").get<std::string>().find("picture-7") !=
                std::string::npos);
}

void test_a_diverging_loss_names_its_step_and_leaves_the_checkpoint() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.schedule.peak = 9e5;
  options.epochs = 20;

  expect_error(
      ErrorCode::kBadData, [&] { train(Halves(40), nullptr, options, {}); },
      "epoch ", " step ", "finite");

  g_assert_true(fs::exists(folder / "last.ckpt"));
  g_assert_true(checkpoint_configuration(folder / "last.ckpt").empty());
  g_assert_false(fs::exists(folder / "metrics.json"));
}

void test_earlier_checkpoints_are_kept() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.epochs = 5;
  options.keep_last = 2;

  train(Halves(16), nullptr, options, {});

  for (const auto& [name, kept] : {std::pair{"epoch-1.ckpt", false},
                                   {"epoch-2.ckpt", false},
                                   {"epoch-3.ckpt", true},
                                   {"epoch-4.ckpt", true}})
    g_assert_true(fs::exists(folder / name) == kept);
  g_assert_true(support::tensor_bytes(folder / "epoch-4.ckpt") !=
                support::tensor_bytes(folder / "last.ckpt"));
}

void test_what_a_killed_run_was_writing_is_removed() {
  const TemporaryFolder folder;
  support::write_file(folder / "last.ckpt.new.partial-123-4", "half");
  support::write_file(folder / "mine.txt", "whole");

  train(Halves(16), nullptr, small_options(folder.path()), {});

  g_assert_false(fs::exists(folder / "last.ckpt.new.partial-123-4"));
  g_assert_true(fs::exists(folder / "mine.txt"));
}

void test_a_calibrated_bundle_has_its_temperature() {
  const TemporaryFolder folder;
  const Halves pictures(40);
  TrainOptions options = small_options(folder.path());
  options.calibrate = true;

  train(pictures, &pictures, options, {});

  const Bundle bundle = open_bundle(folder / "best.safetensors");
  g_assert_cmpfloat(bundle.info.temperature, >, 0);
  g_assert_cmpfloat(bundle.info.temperature, !=, 1);
}

void test_several_labels_get_thresholds() {
  const TemporaryFolder folder;
  Halves pictures(42);
  pictures.make_multi_label();
  TrainOptions options = small_options(folder.path());
  options.epochs = 6;
  options.schedule.peak = 0.05;

  const TrainResult result = train(pictures, &pictures, options, {});

  const Bundle bundle = open_bundle(folder / "best.safetensors");
  g_assert_true(bundle.info.activation == Activation::kSigmoid);
  g_assert_cmpuint(bundle.info.thresholds.size(), ==, 2);
  for (const float threshold : bundle.info.thresholds)
    g_assert_true(threshold > 0 && threshold < 1);
  g_assert_cmpfloat(result.best.macro.f1, >, 0.95);
}

void test_a_half_bundle_is_half_as_large() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "full");
  train(Halves(16), nullptr, options, {});
  options.output = folder / "half";
  options.half_bundle = true;

  train(Halves(16), nullptr, options, {});

  g_assert_cmpuint(
      2 * support::tensor_bytes(folder / "half/best.safetensors").size(), ==,
      support::tensor_bytes(folder / "full/best.safetensors").size());
}

void test_the_configuration_is_in_the_checkpoint() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.configuration = "a = \"ä\"\n";

  train(Halves(16), nullptr, options, {});

  assert_text(checkpoint_configuration(folder / "last.ckpt"), "a = \"ä\"\n");
}

void test_real_digits_are_learnt() {
  const fs::path path = support::real_data_or_skip("mnist");
  if (path.empty())
    return;
  const TemporaryFolder folder;
  const auto training = open_dataset(path, "mnist", Split::kTrain);
  const auto test = open_dataset(path, "mnist", Split::kTest);
  TrainOptions options = small_options(folder.path());
  options.preprocessing.crop_width = options.preprocessing.crop_height = 28;
  options.preprocessing.channels = 1;
  options.preprocessing.mean = {0.1307f};
  options.preprocessing.std = {0.3081f};
  options.optimiser.kind = OptimiserKind::kAdam;
  options.optimiser.weight_decay = 0;
  options.schedule.peak = 1e-3;
  options.batch_size = 64;
  options.epochs = 3;

  const TrainResult result = train(*training, test.get(), options, {});

  g_assert_cmpfloat(result.best.accuracy, >=, 0.92);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/train/pictures-become-a-bundle-and-a-report",
                  test_pictures_become_a_bundle_and_a_report);
  g_test_add_func("/train/without-validation-the-last-epoch-is-the-best",
                  test_without_validation_the_last_epoch_is_the_best);
  g_test_add_func("/train/the-number-of-workers-does-not-matter",
                  test_the_number_of_workers_does_not_matter);
  g_test_add_func("/train/weights-start-a-training-with-other-classes",
                  test_weights_start_a_training_with_other_classes);
  g_test_add_func("/train/patience-ends-a-run-without-progress",
                  test_patience_ends_a_run_without_progress);
  g_test_add_func("/train/too-little-progress-is-none",
                  test_too_little_progress_is_none);
  g_test_add_func("/train/the-monitor-says-what-is-best",
                  test_the_monitor_says_what_is_best);
  g_test_add_func("/train/steps-and-epochs-are-reported",
                  test_steps_and_epochs_are_reported);
  g_test_add_func("/train/skipped-pictures-are-named-once",
                  test_skipped_pictures_are_named_once);
  g_test_add_func("/train/an-unreadable-picture-stops-with-its-name",
                  test_an_unreadable_picture_stops_with_its_name);
  g_test_add_func(
      "/train/a-diverging-loss-names-its-step-and-leaves-the-checkpoint",
      test_a_diverging_loss_names_its_step_and_leaves_the_checkpoint);
  g_test_add_func("/train/earlier-checkpoints-are-kept",
                  test_earlier_checkpoints_are_kept);
  g_test_add_func("/train/what-a-killed-run-was-writing-is-removed",
                  test_what_a_killed_run_was_writing_is_removed);
  g_test_add_func("/train/a-calibrated-bundle-has-its-temperature",
                  test_a_calibrated_bundle_has_its_temperature);
  g_test_add_func("/train/several-labels-get-thresholds",
                  test_several_labels_get_thresholds);
  g_test_add_func("/train/a-half-bundle-is-half-as-large",
                  test_a_half_bundle_is_half_as_large);
  g_test_add_func("/train/the-configuration-is-in-the-checkpoint",
                  test_the_configuration_is_in_the_checkpoint);
  g_test_add_func("/train/real-digits-are-learnt", test_real_digits_are_learnt);
  return g_test_run();
}
