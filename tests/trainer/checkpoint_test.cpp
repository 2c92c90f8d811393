// SPDX-License-Identifier: LGPL-2.1-or-later
// Checkpoints as files: what comes back is what was written, to the last bit.
#include "training/checkpoint.h"

#include <glib.h>

#include <cmath>

#include <torch/torch.h>

#include "support/assert_text.h"
#include "support/expect_error.h"
#include "support/test_files.h"
#include "training/random_state.h"

namespace {
namespace fs = std::filesystem;

using support::assert_text;
using support::expect_error;
using support::TemporaryFolder;
using namespace torchclassify;

Checkpoint made_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.model = {{"weight", torch::rand({3, 4}, torch::kFloat64)},
                      {"count", torch::tensor(7, torch::kInt64)}};
  checkpoint.average = {{"weight", torch::rand({3, 4})}};
  checkpoint.optimiser = {{"weight.step", torch::tensor(3.0f)}};
  checkpoint.random = random_state();
  checkpoint.configuration = "name = 'ö'\n";
  checkpoint.fingerprint = "seed=1";
  RunState& state = checkpoint.state;
  state.epoch = 3;
  state.step = 17;
  state.all_steps = 1LL << 40;
  state.loss_sum = 0.1 + 0.2;
  state.best_measure = -1e300;
  state.plateau = {.best = 1.0 / 3, .bad_epochs = 2, .reductions = 1};
  state.history = {{.epoch = 1, .train_loss = std::nextafter(1.0, 2.0)}};
  state.largest_pass = 5;
  state.skipped = {{.index = 4, .name = "a", .reason = "b"}};
  return checkpoint;
}

bool same(const NamedTensors& a, const NamedTensors& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first &&
                             x.second.dtype() == y.second.dtype() &&
                             torch::equal(x.second, y.second);
                    });
}

void test_everything_comes_back() {
  const TemporaryFolder folder;
  const Checkpoint written = made_checkpoint();

  write_checkpoint(folder / "last.ckpt", written);
  const Checkpoint read = read_checkpoint(folder / "last.ckpt");

  g_assert_true(same(read.model, written.model));
  g_assert_true(same(read.average, written.average));
  g_assert_true(same(read.optimiser, written.optimiser));
  g_assert_true(same(read.random, written.random));
  assert_text(to_json(read.state), to_json(written.state));
  g_assert_true(read.state.loss_sum == 0.1 + 0.2);
  g_assert_true(read.state.history[0].train_loss == std::nextafter(1.0, 2.0));
  g_assert_cmpstr(read.configuration.c_str(), ==, "name = 'ö'\n");
  g_assert_cmpstr(read.fingerprint.c_str(), ==, "seed=1");
  g_assert_cmpint(std::distance(fs::directory_iterator(folder.path()), {}), ==,
                  1);
}

void test_a_failure_leaves_the_last_one() {
  const TemporaryFolder folder;
  write_checkpoint(folder / "last.ckpt", made_checkpoint());
  const std::string before = support::read_file(folder / "last.ckpt");
  fs::create_directories(folder / "last.ckpt.new/in-the-way");

  expect_error(
      ErrorCode::kCannotWrite,
      [&] { write_checkpoint(folder / "last.ckpt", made_checkpoint()); },
      "last.ckpt");

  g_assert_true(support::read_file(folder / "last.ckpt") == before);
}

void test_a_name_that_is_not_utf_8_can_be_kept() {
  const TemporaryFolder folder;
  Checkpoint checkpoint = made_checkpoint();
  checkpoint.state.skipped[0].name = "\xFF.jpg";

  write_checkpoint(folder / "last.ckpt", checkpoint);

  g_assert_cmpuint(read_checkpoint(folder / "last.ckpt").state.skipped.size(),
                   ==, 1);
}

void test_a_state_of_before_passes_had_a_limit_is_read() {
  RunState state;
  state.epoch = 3;
  std::string json = to_json(state);
  const std::string limit = "\"largest_pass\":0,";
  g_assert_true(json.find(limit) != std::string::npos);
  json.erase(json.find(limit), limit.size());

  const RunState read = run_state_from_json(json, "here");

  g_assert_cmpint(read.epoch, ==, 3);
  g_assert_cmpint(read.largest_pass, ==, 0);
}

void test_a_state_that_is_none_is_refused() {
  expect_error(
      ErrorCode::kBadData, [] { run_state_from_json("{}", "here"); }, "here");
  expect_error(
      ErrorCode::kBadData, [] { run_state_from_json("\xFF", "here"); }, "here");
}

void test_random_numbers_go_on() {
  torch::manual_seed(3);
  torch::rand({5});
  const NamedTensors state = random_state();
  const auto expected = torch::randn({7});
  torch::manual_seed(4);

  set_random_state(state);

  g_assert_true(torch::equal(torch::randn({7}), expected));
}

void test_random_numbers_of_another_kind_are_refused() {
  expect_error(
      ErrorCode::kBadData, [] { set_random_state({}); }, "got none");
  expect_error(
      ErrorCode::kBadData,
      [] {
        set_random_state({{"cpu", torch::zeros({3}, torch::kByte)}});
      },
      "3 other bytes");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/checkpoint/everything-comes-back",
                  test_everything_comes_back);
  g_test_add_func("/checkpoint/a-failure-leaves-the-last-one",
                  test_a_failure_leaves_the_last_one);
  g_test_add_func("/checkpoint/a-name-that-is-not-utf-8-can-be-kept",
                  test_a_name_that_is_not_utf_8_can_be_kept);
  g_test_add_func("/checkpoint/a-state-of-before-passes-had-a-limit-is-read",
                  test_a_state_of_before_passes_had_a_limit_is_read);
  g_test_add_func("/checkpoint/a-state-that-is-none-is-refused",
                  test_a_state_that_is_none_is_refused);
  g_test_add_func("/checkpoint/random-numbers-go-on",
                  test_random_numbers_go_on);
  g_test_add_func("/checkpoint/random-numbers-of-another-kind-are-refused",
                  test_random_numbers_of_another_kind_are_refused);
  return g_test_run();
}
