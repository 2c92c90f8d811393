// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify train`, stopped from outside: signals and full disks, and how
// it goes on.
#include <glib.h>

#include <csignal>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::expect_failure;
using program::lines_of;
using program::run;
using program::run_well;
using program::Running;
using program::write_picture;
using support::read_file;
using support::TemporaryFolder;

namespace {
namespace fs = std::filesystem;

void write_set(const fs::path& folder, int pictures) {
  for (int i = 0; i < pictures; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    const auto shade = static_cast<std::uint8_t>(3 * i);
    write_picture(folder / "bright" / name, 255 - shade, 255, 200);
    write_picture(folder / "dark" / name, 0, shade, shade);
  }
}

// Three epochs of many steps, each with its line and its checkpoint.
Arguments train(const TemporaryFolder& folder, const std::string& run) {
  return {"train",
          "--data-path",
          folder / "set",
          "--output-dir",
          folder / run,
          "--model",
          "cifar_resnet20",
          "--resize-mode",
          "squash",
          "--val-crop-size",
          "8",
          "--epochs",
          "3",
          "-b",
          "1",
          "--print-freq",
          "1",
          "--checkpoint-steps",
          "1",
          "--lr",
          "0.01"};
}

void expect_same_results(const fs::path& one, const fs::path& other) {
  for (const char* name : {"best.safetensors", "history.csv", "metrics.json",
                           "predictions.csv", "report.html", "last.ckpt"}) {
    if (std::string(name) != "last.ckpt")  // which knows its folder
      g_assert_true(read_file(one / name) == read_file(other / name));
    g_assert_true(fs::exists(other / name));
  }
}

struct Stop {
  const char* name;
  int signal;
};

const Stop kStops[] = {{"sigint", SIGINT}, {"sigterm", SIGTERM}};

void test_a_signal_saves_and_the_run_goes_on(gconstpointer data) {
  const TemporaryFolder folder;
  write_set(folder / "set", 20);
  run_well(train(folder, "straight"));
  const std::string checkpoint = folder / "run/last.ckpt";

  Running running(train(folder, "run"));
  running.wait_for("epoch=2 step=3");
  running.signal(static_cast<const Stop*>(data)->signal);
  const auto stopped = running.wait();
  g_assert_true(fs::exists(checkpoint));
  const std::string status = read_file(folder / "run/status.json");
  const auto resumed = run_well({"train", "--resume", checkpoint});

  expect_failure(stopped, program::kTryAgain,
                 {"torchclassify train --resume " + checkpoint});
  g_assert_true(status.find("\"stopped\"") != std::string::npos);
  g_assert_true(lines_of(resumed.out)[1].starts_with("epoch=2 step="));
  expect_same_results(folder / "straight", folder / "run");
}

// A step that takes longer than the signals are apart.
void test_a_second_signal_ends_it_at_once() {
  const TemporaryFolder folder;
  write_set(folder / "set", 40);
  Running running({"train", "--data-path", folder / "set", "--output-dir",
                   folder / "run", "--model", "resnet18", "-b", "64"});
  running.wait_for("dataset=");
  g_usleep(300'000);

  running.signal(SIGINT);
  g_usleep(100'000);
  running.signal(SIGTERM);

  g_assert_cmpint(running.wait().status, ==, -SIGTERM);
}

void test_another_set_is_refused() {
  const TemporaryFolder folder;
  write_set(folder / "set", 4);
  run_well(train(folder, "run"));
  write_set(folder / "other", 5);

  const auto outcome = run({"train", "--resume", folder / "run/last.ckpt",
                            "--data-path", folder / "other"});

  expect_failure(outcome, program::kBadData,
                 {"expected a checkpoint of this run", "last.ckpt"});
}

void test_a_checkpoint_that_is_none_is_refused() {
  const TemporaryFolder folder;
  support::write_file(folder / "last.ckpt", "no checkpoint");

  expect_failure(run({"train", "--resume", folder / "last.ckpt"}),
                 program::kBadData, {"last.ckpt"});
  expect_failure(run({"train", "--resume", folder / "none.ckpt"}),
                 program::kBadData, {"none.ckpt"});
}

// The checkpoint is of more than a megabyte.
void test_a_full_disk_leaves_the_last_checkpoint() {
  const TemporaryFolder folder;
  write_set(folder / "set", 4);
  run_well(train(folder, "run"));
  const std::string checkpoint = folder / "run/last.ckpt";
  const std::string before = read_file(checkpoint);

  const auto outcome = program::run_without_room(
      200'000, {"train", "--resume", checkpoint, "--epochs", "5"});

  expect_failure(outcome, program::kNotWritten, {"last.ckpt"});
  g_assert_true(read_file(checkpoint) == before);
  g_assert_true(read_file(folder / "run/status.json").find("\"failed\"") !=
                std::string::npos);
  run_well({"train", "--resume", checkpoint, "--epochs", "4"});
}

// Trains on a set with two pictures that are none, and is to report them.
program::Outcome run_with_two_left_out(const TemporaryFolder& folder) {
  write_set(folder / "set", 6);
  support::write_file(folder / "set/dark/2.ppm", "no picture");
  support::write_file(folder / "set/bright/3.ppm", "no picture");
  Arguments arguments = train(folder, "run");
  arguments.insert(arguments.end(), {"--on-corrupt", "report"});
  return run(arguments);
}

void test_pictures_left_out_are_named_once() {
  const TemporaryFolder folder;

  const auto outcome = run_with_two_left_out(folder);

  expect_failure(outcome, program::kBadData, {"2 pictures", "skipped.csv"});
  int named = 0;
  for (const std::string& line : lines_of(outcome.out))
    named += line.starts_with("skipped: ");
  g_assert_cmpint(named, ==, 2);
  g_assert_cmpuint(lines_of(read_file(folder / "run/skipped.csv")).size(), ==,
                   3);
}

// The process that goes on meets none of them itself.
void test_pictures_left_out_count_after_a_resume() {
  const TemporaryFolder folder;
  run_with_two_left_out(folder);

  const auto outcome = run({"train", "--resume", folder / "run/last.ckpt"});

  expect_failure(outcome, program::kBadData, {"2 pictures", "skipped.csv"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/program/train-stop/a-signal-saves-and-the-run-goes-on",
                    kStops, test_a_signal_saves_and_the_run_goes_on);
  g_test_add_func("/program/train-stop/a-second-signal-ends-it-at-once",
                  test_a_second_signal_ends_it_at_once);
  g_test_add_func("/program/train-stop/another-set-is-refused",
                  test_another_set_is_refused);
  g_test_add_func("/program/train-stop/a-checkpoint-that-is-none-is-refused",
                  test_a_checkpoint_that_is_none_is_refused);
  g_test_add_func("/program/train-stop/a-full-disk-leaves-the-last-checkpoint",
                  test_a_full_disk_leaves_the_last_checkpoint);
  g_test_add_func("/program/train-stop/pictures-left-out-are-named-once",
                  test_pictures_left_out_are_named_once);
  g_test_add_func("/program/train-stop/pictures-left-out-count-after-a-resume",
                  test_pictures_left_out_count_after_a_resume);
  return g_test_run();
}
