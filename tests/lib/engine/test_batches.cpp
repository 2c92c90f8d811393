// SPDX-License-Identifier: LGPL-2.1-or-later
// Many pictures at a time: their batches, and what the end waits for.
#include <glib.h>

#include <atomic>
#include <thread>

#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
using support::assert_near;
using support::SavedModel;

constexpr std::int64_t kMilliseconds = 1'000'000;
const RequestOptions kLogits{.logits = true};

struct Batches {
  const char* name;
  int batch_size;
  int workers;
  std::int64_t timeout_ns;
};
const Batches kBatches[] = {
    {"one-by-one", 1, 2, 0},
    {"that-never-wait", 8, 2, 0},
    {"that-wait", 4, 1, kMilliseconds},
    {"of-a-size-that-is-no-power-of-two", 7, 2, kMilliseconds},
};

// Pictures of several streams, each with the logits that it must get.
void test_batches(gconstpointer data) {
  const Batches& row = *static_cast<const Batches*>(data);
  constexpr int kStreams = 6;
  constexpr int kPictures = 40;
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.batch_size = row.batch_size;
  options.workers = row.workers;
  options.batch_timeout_ns = row.timeout_ns;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < kStreams * kPictures; ++i)
    expected.push_back(
        model.module.logits(support::numbered_picture(i % 251).view()));
  std::vector<std::vector<float>> got(expected.size());

  const auto stream = [&](int first) {
    const auto classifier = open_classifier(options);
    for (int i = first; i < first + kPictures; ++i)
      classifier->submit(support::numbered_picture(i % 251).view(), kLogits,
                         [&mine = got[static_cast<std::size_t>(i)]](
                             std::exception_ptr, Classification answer) {
                           mine = std::move(answer.logits);
                         });
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kStreams; ++i)
      threads.emplace_back(stream, i * kPictures);
  }

  for (std::size_t i = 0; i < got.size(); ++i)
    assert_near(got[i], expected[i], 1e-4f);
}

// Nobody is answered before the fourth has come.
void test_streams_share_a_batch() {
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.batch_size = 4;
  options.batch_timeout_ns = 60'000 * kMilliseconds;
  const auto witness = open_classifier(options);
  std::vector<std::vector<float>> got(4);

  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < got.size(); ++i)
      threads.emplace_back([&, i] {
        const auto picture = support::numbered_picture(static_cast<int>(i));
        got[i] =
            open_classifier(options)->classify(picture.view(), kLogits).logits;
      });
  }

  for (std::size_t i = 0; i < got.size(); ++i)
    assert_near(got[i],
                model.module.logits(
                    support::numbered_picture(static_cast<int>(i)).view()),
                1e-4f);
  g_assert_cmpuint(witness->statistics().batches, ==, 1);
  g_assert_cmpuint(witness->statistics().inferred, ==, 4);
}

void test_bad_picture_costs_no_batch() {
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.batch_size = 1;
  const auto classifier = open_classifier(options);
  const Picture8 picture = support::numbered_picture(1);
  ImageView bad = picture.view();
  bad.planes[0].size = 3;

  support::expect_error(ErrorCode::kInvalidArgument,
                        [&] { classifier->classify(bad); });
  const auto answer = classifier->classify(picture.view(), kLogits);

  assert_near(answer.logits, model.module.logits(picture.view()), 1e-5f);
  g_assert_cmpuint(classifier->statistics().inferred, ==, 1);
  g_assert_cmpuint(classifier->statistics().batches, ==, 1);
}

// Each completion takes its time, so that many are pending at the end.
void test_end_answers_all() {
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.batch_size = 4;
  options.batch_timeout_ns = 50 * kMilliseconds;
  auto classifier = open_classifier(options);
  std::atomic<int> answered{0};

  for (int i = 0; i < 21; ++i)
    classifier->submit(support::numbered_picture(i).view(), {},
                       [&](std::exception_ptr error, Classification) {
                         g_usleep(1000);
                         answered += !error;
                       });
  classifier.reset();

  g_assert_cmpint(answered, ==, 21);
}

void test_end_lets_go_of_completions() {
  const SavedModel model;
  for (int i = 0; i < 50; ++i) {
    auto classifier = model.open();
    const auto token = std::make_shared<int>(i);

    classifier->submit(support::numbered_picture(i).view(), {},
                       [token](auto, auto) {});
    classifier.reset();

    g_assert_cmpint(token.use_count(), ==, 1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/batches/each-picture-gets-its-own-answer-from", kBatches,
                    test_batches);
  g_test_add_func("/batches/four-streams-fill-one-of-four",
                  test_streams_share_a_batch);
  g_test_add_func("/batches/a-refused-picture-costs-none",
                  test_bad_picture_costs_no_batch);
  g_test_add_func("/batches/the-end-answers-all-pictures-first",
                  test_end_answers_all);
  g_test_add_func("/batches/the-end-leaves-no-completion-behind",
                  test_end_lets_go_of_completions);
  return g_test_run();
}
