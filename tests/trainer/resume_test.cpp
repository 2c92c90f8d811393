// SPDX-License-Identifier: LGPL-2.1-or-later
// Stopped runs that go on end as if nothing had happened, to the last bit.
#include <glib.h>

#include <filesystem>
#include <set>

#include "halves.h"
#include "random.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/train.h"
#include "training/checkpoint.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::Halves;
using support::read_file;
using support::small_options;
using support::TemporaryFolder;
using namespace torchclassify;

struct Run {
  const char* name;
  void (*change)(TrainOptions&);
  std::size_t stops;
  std::uint64_t steps;  // of the whole run
};

void momentum(TrainOptions& options) {
  options.epochs = 10;  // of 5 steps, the last of one batch
  options.batch_size = 4;
  options.accumulation = 2;
  options.augment = {.hflip = 0.5, .degrees = 10};
}

void head_only(TrainOptions& options) {
  options.epochs = 10;
  options.batch_size = 8;
  options.freeze.all_but_head = true;
}

// A network with dropout and stochastic depth, and everything that keeps a
// state between steps.
void everything(TrainOptions& options) {
  options.architecture = "efficientnet_b0";
  options.preprocessing.crop_width = options.preprocessing.crop_height = 32;
  options.dropout = 0.3;
  options.stochastic_depth = 0.3;
  options.epochs = 2;
  options.batch_size = 10;
  options.optimiser.kind = OptimiserKind::kAdamW;
  options.optimiser.clip_norm = 1;
  options.schedule.kind = ScheduleKind::kPlateau;
  options.schedule.plateau_patience = 0;
  options.schedule.peak = 1e-3;
  options.average = {.enabled = true, .decay = 0.9, .steps = 1};
  options.amp = AmpType::kBf16;
  options.mixup_alpha = 0.2;
  options.cutmix_alpha = 1;
  options.augment = {.hflip = 0.5,
                     .policy = AugmentPolicy::kTrivialAugmentWide};
  options.loss.label_smoothing = 0.1;
  options.sampling = Sampling::kBalanced;
}

const Run kRuns[] = {{"momentum", momentum, 10, 50},
                     {"head-only", head_only, 10, 50},
                     {"everything", everything, 2, 8}};

std::set<std::uint64_t> drawn_stops(const Run& run) {
  KeyedRandom random({run.steps});
  std::set<std::uint64_t> stops = {run.steps};  // after the last step, too
  while (stops.size() < run.stops) stops.insert(1 + random.below(run.steps));
  return stops;
}

// Runs again and again until nothing stops it any more.
int train_with_stops(const Dataset& set, TrainOptions options,
                     const std::set<std::uint64_t>& stops) {
  std::uint64_t step = 0;
  TrainCallbacks callbacks;
  callbacks.should_stop = [&] { return stops.contains(++step); };
  int stopped = 0;
  while (train(set, &set, options, callbacks).stopped) {
    ++stopped;
    options.resume = options.output / "last.ckpt";
  }
  return stopped;
}

void test_a_stopped_run_ends_alike(gconstpointer data) {
  const Run& run = *static_cast<const Run*>(data);
  const TemporaryFolder folder;
  const Halves pictures(38);
  TrainOptions options = small_options(folder / "straight");
  run.change(options);
  train(pictures, &pictures, options, {});
  options.output = folder / "stopped";

  const int stopped = train_with_stops(pictures, options, drawn_stops(run));

  g_assert_cmpint(stopped, ==, static_cast<int>(run.stops));
  for (const char* file : {"last.ckpt", "best.safetensors", "history.csv",
                           "report.html", "metrics.json", "predictions.csv"}) {
    g_test_message("%s", file);
    g_assert_true(read_file(folder / "straight" / file) ==
                  read_file(folder / "stopped" / file));
  }
}

// As if memory had run out before a checkpoint was written: batch norms see
// fewer pictures from then on.
void test_a_batch_that_was_halved_stays_so() {
  const TemporaryFolder folder;
  const Halves pictures(38);
  TrainOptions options = small_options(folder / "whole");
  momentum(options);
  options.architecture = "cifar_resnet20";
  options.epochs = 2;
  options.keep_last = 2;
  train(pictures, &pictures, options, {});
  Checkpoint halved = read_checkpoint(folder / "whole/epoch-1.ckpt");
  halved.state.largest_pass = 3;
  options.resume = folder / "halved.ckpt";
  write_checkpoint(options.resume, halved);
  for (const char* copy :
       {"straight", "stopped"})  // with the best model so far
    fs::copy(folder / "whole", folder / copy);
  options.output = folder / "straight";
  train(pictures, &pictures, options, {});
  options.output = folder / "stopped";

  const int stopped = train_with_stops(pictures, options, {2, 4});

  g_assert_cmpint(stopped, ==, 2);
  g_assert_true(read_file(folder / "stopped/last.ckpt") ==
                read_file(folder / "straight/last.ckpt"));
  g_assert_cmpint(
      read_checkpoint(folder / "stopped/last.ckpt").state.largest_pass, ==, 3);
  g_assert_false(support::tensor_bytes(folder / "stopped/last.ckpt") ==
                 support::tensor_bytes(folder / "whole/last.ckpt"));
}

// As the program does it when it was killed after the last checkpoint.
void test_a_finished_run_can_be_resumed() {
  const TemporaryFolder folder;
  const Halves pictures(20);
  TrainOptions options = small_options(folder.path());
  options.calibrate = true;
  train(pictures, &pictures, options, {});
  const std::string report = read_file(folder / "report.html");
  fs::remove(folder / "report.html");
  options.resume = folder / "last.ckpt";

  const TrainResult result = train(pictures, &pictures, options, {});

  g_assert_cmpint(result.epochs, ==, 2);
  g_assert_true(read_file(folder / "report.html") == report);
}

void test_skipped_pictures_are_not_named_again() {
  const TemporaryFolder folder;
  Halves pictures(40);
  pictures.break_pictures({3, 17});
  TrainOptions options = small_options(folder.path());
  options.on_corrupt = OnCorrupt::kSkip;
  int named = 0, steps = 0;
  TrainCallbacks callbacks;
  callbacks.on_skipped = [&](const SkippedPicture&) { ++named; };
  callbacks.should_stop = [&] { return ++steps == 5; };
  train(pictures, nullptr, options, callbacks);
  options.resume = folder / "last.ckpt";

  train(pictures, nullptr, options, callbacks);

  g_assert_cmpint(named, ==, 2);
  g_assert_true(read_file(folder / "skipped.csv").find("picture-3,") !=
                std::string::npos);
}

struct Change {
  const char* name;
  void (*change)(TrainOptions&);
};

const Change kOtherRuns[] = {
    {"architecture", [](auto& o) { o.architecture = "cifar_resnet20"; }},
    {"optimiser", [](auto& o) { o.optimiser.kind = OptimiserKind::kAdam; }},
    {"average", [](auto& o) { o.average.enabled = true; }},
    {"seed", [](auto& o) { o.seed = 1; }},
    {"batch", [](auto& o) { o.batch_size = 4; }},
};

void test_a_checkpoint_of_another_run_is_refused(gconstpointer data) {
  const TemporaryFolder folder;
  const Halves pictures(16);
  TrainOptions options = small_options(folder.path());
  train(pictures, nullptr, options, {});
  options.resume = folder / "last.ckpt";
  static_cast<const Change*>(data)->change(options);

  expect_error(
      ErrorCode::kBadData, [&] { train(pictures, nullptr, options, {}); },
      "expected a checkpoint of this run", "last.ckpt");
}

void test_a_checkpoint_for_other_pictures_is_refused() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  train(Halves(16), nullptr, options, {});
  options.resume = folder / "last.ckpt";

  expect_error(
      ErrorCode::kBadData, [&] { train(Halves(18), nullptr, options, {}); },
      "expected a checkpoint of this run");
}

struct BadFile {
  const char* name;
  ErrorCode code;
  void (*make)(const fs::path&);
};

const BadFile kBadFiles[] = {
    {"absent", ErrorCode::kNotFound, [](const fs::path& p) { fs::remove(p); }},
    {"no-checkpoint", ErrorCode::kBadData,
     [](const fs::path& p) { support::write_file(p, "no checkpoint"); }},
    {"a-bundle", ErrorCode::kBadData,
     [](const fs::path& p) {
       fs::copy_file(p.parent_path() / "best.safetensors", p,
                     fs::copy_options::overwrite_existing);
     }},
    {"cut-short", ErrorCode::kBadData,
     [](const fs::path& p) { fs::resize_file(p, fs::file_size(p) - 100); }},
};

void test_a_file_that_is_no_checkpoint_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadFile*>(data);
  const TemporaryFolder folder;
  const Halves pictures(16);
  TrainOptions options = small_options(folder.path());
  train(pictures, nullptr, options, {});
  options.resume = folder / "last.ckpt";
  bad.make(options.resume);

  expect_error(
      bad.code, [&] { train(pictures, nullptr, options, {}); }, "last.ckpt");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/resume/a-stopped-run-ends-alike", kRuns,
                    test_a_stopped_run_ends_alike);
  g_test_add_func("/resume/a-batch-that-was-halved-stays-so",
                  test_a_batch_that_was_halved_stays_so);
  g_test_add_func("/resume/a-finished-run-can-be-resumed",
                  test_a_finished_run_can_be_resumed);
  g_test_add_func("/resume/skipped-pictures-are-not-named-again",
                  test_skipped_pictures_are_not_named_again);
  support::add_rows("/resume/a-checkpoint-of-another-run-is-refused",
                    kOtherRuns, test_a_checkpoint_of_another_run_is_refused);
  g_test_add_func("/resume/a-checkpoint-for-other-pictures-is-refused",
                  test_a_checkpoint_for_other_pictures_is_refused);
  support::add_rows("/resume/a-file-that-is-no-checkpoint-is-refused",
                    kBadFiles, test_a_file_that_is_no_checkpoint_is_refused);
  return g_test_run();
}
