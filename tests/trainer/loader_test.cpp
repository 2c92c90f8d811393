// SPDX-License-Identifier: LGPL-2.1-or-later
// Batches: what is in them, whoever makes them and whenever.
#include "torchclassify/train/loader.h"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "preprocess/preprocess.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "trainer/loader_pictures.h"

namespace {

using support::busy_options;
using support::expect_error;
using support::FormulaPictures;
using support::run_pass;
using support::same;
using support::small_input;
using namespace torchclassify;

struct Making {
  const char* name;
  int workers;
  std::size_t cache_bytes;
  std::size_t first_batch;
  CropMode crop;
};

const Making kMakings[] = {
    {"two-threads", 2, 0, 0, CropMode::kRandomResized},
    {"five-threads", 5, 0, 0, CropMode::kRandomResized},
    {"cached", 2, 1 << 30, 0, CropMode::kRandomResized},
    {"partly-cached", 5, 5000, 0, CropMode::kRandomResized},
    {"from-the-middle", 3, 1 << 30, 4, CropMode::kRandomResized},
    {"from-the-last", 1, 0, 7, CropMode::kRandomResized},
    {"from-beyond", 2, 0, 8, CropMode::kRandomResized},
    {"base-cached", 2, 1 << 30, 0, CropMode::kCentre},
    {"base-partly-cached", 5, 5000, 3, CropMode::kRandomPadded},
};

void test_batches_depend_on_seed_epoch_and_number_alone(gconstpointer data) {
  const auto& making = *static_cast<const Making*>(data);
  const FormulaPictures pictures(31);
  LoaderOptions options = busy_options();
  options.augment.crop = making.crop;
  options.workers = 1;
  options.cache_bytes = 0;
  Loader plain(pictures, small_input(), options);
  const auto expected = run_pass(plain, 6);
  options.workers = making.workers;
  options.cache_bytes = making.cache_bytes;
  Loader loader(pictures, small_input(), options);
  run_pass(loader, 5);  // leaves something in the cache

  const auto batches = run_pass(loader, 6, making.first_batch);

  g_assert_cmpuint(batches.size(), ==, 8 - making.first_batch);
  for (std::size_t i = 0; i < batches.size(); ++i)
    g_assert_true(same(batches[i], expected[making.first_batch + i]));
}

void test_another_seed_or_epoch_gives_other_batches() {
  const FormulaPictures pictures(20);
  LoaderOptions options = busy_options();
  Loader loader(pictures, small_input(), options);
  options.seed = 1;
  Loader other(pictures, small_input(), options);

  const auto first = run_pass(loader, 1);
  const auto epoch = run_pass(loader, 2);
  const auto seed = run_pass(other, 1);

  g_assert_false(same(first[0], epoch[0]));
  g_assert_false(same(first[0], seed[0]));
}

void test_a_recycled_batch_changes_nothing() {
  const FormulaPictures pictures(31);
  const LoaderOptions options = busy_options();
  Loader plain(pictures, small_input(), options);
  const auto expected = run_pass(plain, 1);
  Loader loader(pictures, small_input(), options);
  loader.start(1);

  for (const Batch& batch : expected) {
    Batch made = loader.next();
    g_assert_true(same(made, batch));
    made.inputs.assign(made.inputs.size() + 5, 7.0f);
    loader.recycle(std::move(made));
  }
}

struct Evaluation {
  const char* name;
  ResizeMode mode;
  int channels;
};

const Evaluation kEvaluations[] = {
    {"shorter-side", ResizeMode::kShorterSide, 3},
    {"letterbox", ResizeMode::kLetterbox, 3},
    {"squash", ResizeMode::kSquash, 3},
    {"grey", ResizeMode::kShorterSide, 1},
};

std::vector<float> reference(const Picture& picture,
                             const Preprocessing& input) {
  std::vector<float> planes(input_size(input));
  preprocess_reference(picture.view(), input, planes.data());
  const auto channels = static_cast<std::size_t>(input.channels);
  const std::size_t plane = planes.size() / channels;
  std::vector<float> interleaved;
  for (std::size_t i = 0; i < planes.size(); ++i)
    interleaved.push_back(planes[i % channels * plane + i / channels]);
  return interleaved;
}

void test_evaluation_is_exactly_preprocessing(gconstpointer data) {
  const auto& row = *static_cast<const Evaluation*>(data);
  const FormulaPictures pictures(11);
  Preprocessing input = small_input();
  input.resize_mode = row.mode;
  input.channels = row.channels;
  input.mean.resize(static_cast<std::size_t>(row.channels));
  input.std.resize(static_cast<std::size_t>(row.channels));
  Loader loader(pictures, input, {.batch_size = 4});

  for (const std::uint64_t epoch : {1, 2}) {  // the second from the cache
    std::size_t index = 0;
    for (const Batch& batch : run_pass(loader, epoch)) {
      std::vector<float> expected;
      for (std::size_t i = 0; i < batch.size; ++i, ++index) {
        g_assert_cmpuint(batch.indices[i], ==, index);
        const auto floats = reference(pictures.picture(index), input);
        expected.insert(expected.end(), floats.begin(), floats.end());
      }
      g_assert_true(batch.inputs == expected);
    }
    g_assert_cmpuint(index, ==, 11);
  }
  g_assert_true(loader.statistics().cached);
}

void test_training_without_changes_is_evaluation() {
  const FormulaPictures pictures(6);
  LoaderOptions options{.batch_size = 6};
  Loader evaluation(pictures, small_input(), options);
  options.training = true;
  Loader training(pictures, small_input(), options);

  const Batch expected = run_pass(evaluation, 1)[0];
  const Batch batch = run_pass(training, 1)[0];

  const std::size_t floats = input_size(small_input());
  for (std::size_t i = 0; i < batch.size; ++i)
    g_assert_true(std::equal(
        batch.inputs.begin() + static_cast<std::ptrdiff_t>(i * floats),
        batch.inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * floats),
        expected.inputs.begin() +
            static_cast<std::ptrdiff_t>(batch.indices[i] * floats)));
}

void test_erased_values_are_zero() {
  const FormulaPictures pictures(40);
  LoaderOptions options{.batch_size = 40, .training = true};
  options.augment.erase = 1;
  Preprocessing input = small_input();
  input.mean.assign(3, -1.0f);  // no byte becomes 0
  Loader loader(pictures, input, options);

  const Batch batch = run_pass(loader, 1)[0];

  const auto zeros = std::count(batch.inputs.begin(), batch.inputs.end(), 0.0f);
  const auto share =
      static_cast<double>(zeros) / static_cast<double>(batch.inputs.size());
  g_assert_cmpfloat(share, >, 0.02);
  g_assert_cmpfloat(share, <, 0.33);
}

class Tagged : public FormulaPictures {
 public:
  Tagged() : FormulaPictures(3) {}
  bool multi_label() const override { return true; }
  int label(std::size_t i) const override { return i == 0 ? -1 : 0; }
  std::vector<int> labels(std::size_t i) const override {
    if (i == 0)
      return {};
    return i == 1 ? std::vector<int>{0} : std::vector<int>{0, 2};
  }
};

void test_several_labels_become_targets() {
  const Tagged pictures;
  Loader loader(pictures, small_input(), {});

  const Batch batch = run_pass(loader, 1)[0];

  g_assert_true(batch.targets ==
                std::vector<float>({0, 0, 0, 1, 0, 0, 1, 0, 1}));
  g_assert_true(batch.labels == std::vector<std::int64_t>({-1, 0, 0}));
}

class Counted : public FormulaPictures {
 public:
  Counted() : FormulaPictures(50) {}
  Picture picture(std::size_t i) const override {
    ++reads;
    return FormulaPictures::picture(i);
  }
  mutable std::atomic<int> reads = 0;
};

void wait_for_reads(const Counted& pictures, int reads) {
  while (pictures.reads < reads)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void test_threads_stay_two_batches_ahead() {
  const Counted pictures;
  Loader loader(pictures, small_input(), {.batch_size = 3, .workers = 2});

  loader.start(1);
  wait_for_reads(pictures, 12);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));

  g_assert_cmpint(pictures.reads, ==, 12);
}

void test_a_cached_picture_is_read_once() {
  const Counted pictures;
  Loader loader(pictures, small_input(), busy_options());

  for (const std::uint64_t epoch : {1, 2, 3}) run_pass(loader, epoch);

  g_assert_cmpint(pictures.reads, ==, 50);
}

void test_a_pass_ends_at_any_moment() {
  const FormulaPictures pictures(40);

  for (std::size_t taken = 0; taken < 8; ++taken) {
    Loader loader(pictures, small_input(), busy_options());
    for (const std::uint64_t epoch : {1, 2}) {
      loader.start(epoch);
      for (std::size_t i = 0; i < taken; ++i) loader.next();
    }
  }
}

void test_statistics_are_of_the_pass() {
  const FormulaPictures pictures(10);
  Loader loader(pictures, small_input(), {.batch_size = 4, .cache_bytes = 600});
  run_pass(loader, 1);

  run_pass(loader, 2, 1);

  const LoaderStatistics statistics = loader.statistics();
  g_assert_cmpuint(statistics.pictures, ==, 6);
  g_assert_cmpfloat(statistics.seconds, >, 0);
  g_assert_cmpfloat(statistics.wait_seconds, <=, statistics.seconds);
  g_assert_false(statistics.cached);
}

void test_more_batches_than_the_pass_has_are_refused() {
  const FormulaPictures pictures(5);
  Loader loader(pictures, small_input(), {});

  expect_error(
      ErrorCode::kInvalidArgument, [&] { loader.next(); }, "batch");
  run_pass(loader, 1);
  expect_error(
      ErrorCode::kInvalidArgument, [&] { loader.next(); }, "batch");
  expect_error(
      ErrorCode::kInvalidArgument, [&] { loader.start(1, 2); }, "first batch");
}

struct BadOption {
  const char* name;
  void (*change)(LoaderOptions&, Preprocessing&);
  const char* word;
};

const BadOption kBadOptions[] = {
    {"no-batch", [](auto& o, auto&) { o.batch_size = 0; }, "batch"},
    {"no-workers", [](auto& o, auto&) { o.workers = 0; }, "workers"},
    {"many-workers", [](auto& o, auto&) { o.workers = 257; }, "257"},
    {"no-ranks", [](auto& o, auto&) { o.ranks = 0; }, "rank"},
    {"rank-of-another", [](auto& o, auto&) { o.rank = 1; }, "rank"},
    {"no-copies", [](auto& o, auto&) { o.repeats = 0; }, "copy"},
    {"negative-mixup", [](auto& o, auto&) { o.mixup_alpha = -1; }, "mixup"},
    {"infinite-cutmix",
     [](auto& o, auto&) {
       o.cutmix_alpha = std::numeric_limits<double>::infinity();
     },
     "cutmix"},
    {"nan-mixing", [](auto& o, auto&) { o.mix_probability = std::nan(""); },
     "mixed"},
    {"bad-augmentation", [](auto& o, auto&) { o.augment.hflip = 2; }, "flip"},
    {"no-channels", [](auto&, auto& p) { p.channels = 0; }, "channel"},
};

void test_a_bad_option_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadOption*>(data);
  const FormulaPictures pictures(5);
  LoaderOptions options = busy_options();
  Preprocessing input = small_input();
  bad.change(options, input);

  expect_error(
      ErrorCode::kInvalidArgument, [&] { Loader(pictures, input, options); },
      bad.word);
}

void test_a_set_without_pictures_is_refused() {
  const FormulaPictures pictures(0);

  expect_error(
      ErrorCode::kInvalidArgument, [&] { Loader(pictures, small_input(), {}); },
      "pictures");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/loader/batches-depend-on-seed-epoch-and-number-alone",
                    kMakings,
                    test_batches_depend_on_seed_epoch_and_number_alone);
  g_test_add_func("/loader/another-seed-or-epoch-gives-other-batches",
                  test_another_seed_or_epoch_gives_other_batches);
  g_test_add_func("/loader/a-recycled-batch-changes-nothing",
                  test_a_recycled_batch_changes_nothing);
  support::add_rows("/loader/evaluation-is-exactly-preprocessing", kEvaluations,
                    test_evaluation_is_exactly_preprocessing);
  g_test_add_func("/loader/training-without-changes-is-evaluation",
                  test_training_without_changes_is_evaluation);
  g_test_add_func("/loader/erased-values-are-zero",
                  test_erased_values_are_zero);
  g_test_add_func("/loader/several-labels-become-targets",
                  test_several_labels_become_targets);
  g_test_add_func("/loader/threads-stay-two-batches-ahead",
                  test_threads_stay_two_batches_ahead);
  g_test_add_func("/loader/a-cached-picture-is-read-once",
                  test_a_cached_picture_is_read_once);
  g_test_add_func("/loader/a-pass-ends-at-any-moment",
                  test_a_pass_ends_at_any_moment);
  g_test_add_func("/loader/statistics-are-of-the-pass",
                  test_statistics_are_of_the_pass);
  g_test_add_func("/loader/more-batches-than-the-pass-has-are-refused",
                  test_more_batches_than_the_pass_has_are_refused);
  support::add_rows("/loader/a-bad-option-is-refused", kBadOptions,
                    test_a_bad_option_is_refused);
  g_test_add_func("/loader/a-set-without-pictures-is-refused",
                  test_a_set_without_pictures_is_refused);
  return g_test_run();
}
