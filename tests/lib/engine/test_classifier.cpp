// SPDX-License-Identifier: LGPL-2.1-or-later
// From a picture and a model file to its answer.
#include "torchclassify/classifier.h"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;
using support::assert_near;
using support::SavedModel;

const RequestOptions kAll{.top_k = 3, .logits = true, .probabilities = true};

void test_own_logits() {
  const SavedModel model;
  const auto classifier = model.open();
  const Picture8 picture = support::numbered_picture(1);

  const Classification answer = classifier->classify(picture.view(), kAll);

  const auto expected = model.module.logits(picture.view());
  assert_near(answer.logits, expected, 1e-5f);
  g_assert_true(answer.finite);
  g_assert_cmpint(answer.latency_ns, >, 0);
  const auto largest = std::max_element(expected.begin(), expected.end());
  g_assert_cmpuint(answer.top.size(), ==, 3);
  g_assert_cmpint(answer.top[0].label_id, ==, largest - expected.begin());
  g_assert_cmpfloat_with_epsilon(
      std::accumulate(
          answer.top.begin(), answer.top.end(), 0.0f,
          [](float sum, auto& each) { return sum + each.confidence; }),
      1, 1e-5f);
  for (const Prediction& each : answer.top)
    g_assert_true(answer.probabilities[each.label_id] == each.confidence);
}

void test_no_more_than_asked_for() {
  const SavedModel model;
  const auto classifier = model.open();

  const auto answer = classifier->classify(support::numbered_picture(1).view());

  g_assert_cmpuint(answer.top.size(), ==, 1);
  g_assert_cmpuint(answer.logits.size(), ==, 0);
  g_assert_cmpuint(answer.probabilities.size(), ==, 0);
}

struct Half {
  const char* name;
  Precision precision;
  float tolerance;
};
const Half kHalves[] = {
    {"bf16", Precision::kBf16, 0.1f},
    {"fp16", Precision::kFp16, 0.01f},
};

void test_half(gconstpointer data) {
  const Half& half = *static_cast<const Half*>(data);
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.precision = half.precision;
  const auto classifier = open_classifier(options);
  const Picture8 picture = support::numbered_picture(2);

  const auto answer = classifier->classify(picture.view(), kAll);

  assert_near(answer.logits, model.module.logits(picture.view()),
              half.tolerance);
  g_assert_true(classifier->statistics().precision == half.precision);
}

void test_counts() {
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.batch_size = 2;
  const auto classifier = open_classifier(options);

  for (int i = 0; i < 5; ++i)
    classifier->classify(support::numbered_picture(i).view());

  const Statistics statistics = classifier->statistics();
  g_assert_cmpuint(statistics.inferred, ==, 5);
  g_assert_cmpuint(statistics.batches, ==, 5);
  g_assert_cmpuint(statistics.not_finite, ==, 0);
  g_assert_cmpint(statistics.preprocess.p50_ns, >, 0);
  g_assert_cmpint(statistics.inference.p50_ns, >, 0);
  g_assert_cmpint(statistics.added.p99_ns, >=, statistics.added.p50_ns);
  g_assert_cmpstr(statistics.device.c_str(), ==, "cpu");
  g_assert_cmpint(statistics.batch_size, ==, 2);
  g_assert_cmpint(statistics.workers, ==, 1);
}

// Finite weights, too large for float32 to add up.
void test_not_finite() {
  SavedModel model;
  model.module.set_all("conv1.bias", 1e38f);
  model.module.set_all("fc.weight", 1e38f);
  model.module.save_as_it_is(model.file);
  const auto classifier = model.open();

  const auto answer =
      classifier->classify(support::numbered_picture(1).view(), kAll);

  g_assert_false(answer.finite);
  g_assert_cmpuint(answer.top.size(), ==, 0);
  g_assert_cmpuint(answer.probabilities.size(), ==, 0);
  g_assert_cmpuint(answer.logits.size(), ==, 3);
  g_assert_false(std::isfinite(answer.logits[0]));
  g_assert_cmpuint(classifier->statistics().not_finite, ==, 1);
  g_assert_cmpuint(classifier->statistics().inferred, ==, 1);
}

struct BadPicture {
  const char* name;
  void (*spoil)(ImageView&);
  const char* word;
};
const BadPicture kBadPictures[] = {
    {"short", [](auto& view) { view.planes[0].size -= 1; }, "plane 0"},
    {"without-pixels", [](auto& view) { view.planes[0] = {}; }, "plane 0"},
    {"empty", [](auto& view) { view.width = 0; }, "0x12"},
    {"upside-down", [](auto& view) { view.planes[0].stride = -48; }, "-48"},
};

void test_bad_picture(gconstpointer data) {
  const BadPicture& bad = *static_cast<const BadPicture*>(data);
  const SavedModel model;
  auto classifier = model.open();
  const Picture8 picture = support::numbered_picture(1);
  ImageView view = picture.view();
  bad.spoil(view);
  std::atomic<int> called{0};

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { classifier->submit(view, {}, [&](auto, auto) { ++called; }); },
      bad.word);
  const auto next = classifier->classify(picture.view(), kAll);
  classifier.reset();

  g_assert_cmpint(called, ==, 0);
  assert_near(next.logits, model.module.logits(picture.view()), 1e-5f);
}

void test_negative_top_k() {
  const SavedModel model;
  const auto classifier = model.open();

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] {
        classifier->classify(support::numbered_picture(1).view(),
                             {.top_k = -1});
      },
      "-1");

  g_assert_cmpint(classifier->statistics().queue_depth, ==, 0);
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"the-logits-are-the-modules-own", test_own_logits},
    {"nothing-comes-that-was-not-asked-for", test_no_more_than_asked_for},
    {"statistics-count", test_counts},
    {"logits-that-are-no-numbers-give-no-label", test_not_finite},
    {"a-negative-top-k-is-refused", test_negative_top_k},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/classifier/") + test.name).c_str(),
                    test.run);
  support::add_rows("/classifier/half-precision-is-near", kHalves, test_half);
  support::add_rows("/classifier/refuses-and-never-answers-a-picture",
                    kBadPictures, test_bad_picture);
  return g_test_run();
}
