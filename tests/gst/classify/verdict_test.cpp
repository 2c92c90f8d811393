// SPDX-License-Identifier: LGPL-2.1-or-later
// One region's results become a label and the classes beside it.
#include "classify/verdict.h"

#include <glib.h>

#include <string>
#include <utility>

#include "support/rows.h"

namespace {

using namespace torchclassify;

constexpr GstClockTime kStep = 40 * GST_MSECOND;

// As an engine gives it that was asked for the best two.
Classification result(const std::vector<float>& probabilities,
                      bool with_all = true) {
  Classification result;
  int best = 0;
  int second = 1;
  if (probabilities[1] > probabilities[0])
    std::swap(best, second);
  for (int i = 2; i < static_cast<int>(probabilities.size()); ++i) {
    if (probabilities[i] > probabilities[best])
      second = std::exchange(best, i);
    else if (probabilities[i] > probabilities[second])
      second = i;
  }
  result.top = {{best, probabilities[best]}, {second, probabilities[second]}};
  if (with_all)
    result.probabilities = probabilities;
  return result;
}

const ModelInfo kOneLabel = {};
ModelInfo several_labels(const std::vector<float>& thresholds = {}) {
  ModelInfo info;
  info.activation = Activation::kSigmoid;
  info.thresholds = thresholds;
  return info;
}

// "LABEL CONFIDENCE: ID=CONFIDENCE* ...", the star for those present.
std::string text_of(const Verdict& verdict) {
  g_autofree char* head =
      g_strdup_printf("%d %.3g:", verdict.label_id, verdict.confidence);
  std::string text = head;
  for (const Verdict::Class& each : verdict.top) {
    g_autofree char* part = g_strdup_printf(
        " %d=%.3g%s", each.label_id, each.confidence, each.present ? "*" : "");
    text += part;
  }
  return text;
}

void assert_verdict(const Verdict& verdict, const char* expected) {
  const std::string text = text_of(verdict);
  g_assert_cmpstr(text.c_str(), ==, expected);
}

// The labels of a clip of one letter a frame: 'a' and 'b' are sure, '-' is not.
std::string labels(const char* frames, const FrameSettings& settings) {
  Judge judge;
  std::string text;
  GstClockTime time = 0;
  for (const char* frame = frames; *frame; ++frame, time += kStep) {
    const std::vector<float> probabilities =
        *frame == 'a'   ? std::vector{0.8f, 0.2f}
        : *frame == 'b' ? std::vector{0.2f, 0.8f}
                        : std::vector{0.45f, 0.55f};
    const int label =
        judge.update(result(probabilities), time, settings, kOneLabel).label_id;
    text += label < 0 ? '?' : "ab"[label];
  }
  return text;
}

void test_the_best_class_is_the_label(void) {
  Judge judge;

  const Verdict& verdict =
      judge.update(result({0.1f, 0.7f, 0.2f}, false), 0, {}, kOneLabel);

  assert_verdict(verdict, "1 0.7: 1=0.7* 2=0.2");
}

void test_a_class_below_the_threshold_is_unknown(void) {
  Judge judge;
  const FrameSettings settings{.class_confidence_threshold = 0.75};

  const Verdict& verdict =
      judge.update(result({0.1f, 0.7f, 0.2f}, false), 0, settings, kOneLabel);

  assert_verdict(verdict, "-1 0.7: 1=0.7 2=0.2");
}

void test_a_class_at_the_threshold_is_known(void) {
  Judge judge;
  const FrameSettings settings{.class_confidence_threshold = 0.75};

  const Verdict& verdict =
      judge.update(result({0.75f, 0.25f}, false), 0, settings, kOneLabel);

  g_assert_cmpint(verdict.label_id, ==, 0);
}

void test_an_empty_result_is_unknown(void) {
  Judge judge;

  const Verdict& verdict = judge.update({}, 0, {}, kOneLabel);

  assert_verdict(verdict, "-1 0:");
}

struct Clip {
  const char* name;
  FrameSettings settings;
  const char* frames;
  const char* expected;
};
const Clip kClips[] = {
    {"nothing", {}, "aababb-a", "aababbba"},
    {"a-threshold", {.class_confidence_threshold = 0.6}, "a-b-", "a?b?"},
    // One frame of 40 ms weighs 1 - exp(-40 / 100) = 0.33 against the rest.
    {"smoothing",
     {.smoothing_time = 100 * GST_MSECOND},
     "aabaabbb",
     "aaaaaabb"},
    {"a-dwell", {.min_dwell = 3 * kStep}, "aabbaabbbb", "aaaaaaaabb"},
    {"hysteresis", {.hysteresis = 0.3}, "aa--b-a", "aaaabba"},
    {"a-threshold-with-hysteresis",
     {.class_confidence_threshold = 0.6, .hysteresis = 0.1},
     "-b-a",
     "?bba"},
};

void test_a_clip_has_the_labels_of(gconstpointer data) {
  const auto& c = *static_cast<const Clip*>(data);

  const std::string got = labels(c.frames, c.settings);

  g_assert_cmpstr(got.c_str(), ==, c.expected);
}

void test_the_best_are_those_of_the_smoothed(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = 1000 * GST_SECOND, .top_k = 3};
  judge.update(result({0.6f, 0.3f, 0.1f}), 0, settings, kOneLabel);

  const Verdict& verdict =
      judge.update(result({0.0f, 0.1f, 0.9f}), kStep, settings, kOneLabel);

  assert_verdict(verdict, "0 0.6: 0=0.6* 1=0.3 2=0.1");
}

void test_equal_classes_come_in_the_order_of_the_model(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = GST_SECOND, .top_k = 3};

  const Verdict& verdict = judge.update(result({0.25f, 0.25f, 0.25f, 0.25f}), 0,
                                        settings, kOneLabel);

  assert_verdict(verdict, "0 0.25: 0=0.25* 1=0.25 2=0.25");
}

// The setting has changed while frames were on their way.
void test_results_without_all_confidences_stand_for_themselves(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = 1000 * GST_SECOND};
  judge.update(result({0.8f, 0.2f}), 0, settings, kOneLabel);

  const Verdict& verdict =
      judge.update(result({0.2f, 0.8f}, false), kStep, settings, kOneLabel);

  g_assert_cmpint(verdict.label_id, ==, 1);
}

void test_time_that_goes_back_begins_anew(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = 1000 * GST_SECOND};
  judge.update(result({0.8f, 0.2f}), 2 * kStep, settings, kOneLabel);

  const Verdict& verdict =
      judge.update(result({0.2f, 0.8f}), kStep, settings, kOneLabel);

  g_assert_cmpint(verdict.label_id, ==, 1);
}

void test_frames_without_a_time_stand_for_themselves(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = 1000 * GST_SECOND};
  judge.update(result({0.8f, 0.2f}), GST_CLOCK_TIME_NONE, settings, kOneLabel);

  const Verdict& verdict = judge.update(
      result({0.2f, 0.8f}), GST_CLOCK_TIME_NONE, settings, kOneLabel);

  g_assert_cmpint(verdict.label_id, ==, 1);
}

void test_several_labels_are_present_from_a_half_on(void) {
  Judge judge;

  const Verdict& verdict =
      judge.update(result({0.5f, 0.4f, 0.9f, 0.1f}), 0, {}, several_labels());

  assert_verdict(verdict, "2 0.9: 2=0.9* 0=0.5*");
}

void test_each_class_has_its_threshold(void) {
  Judge judge;

  const Verdict& verdict =
      judge.update(result({0.5f, 0.4f, 0.9f, 0.1f}), 0, {.top_k = 3},
                   several_labels({0.6f, 0.3f, 0.95f, 0.5f}));

  assert_verdict(verdict, "1 0.4: 2=0.9 0=0.5 1=0.4*");
}

void test_the_settings_threshold_is_for_every_class(void) {
  Judge judge;
  const FrameSettings settings{.class_confidence_threshold = 0.7};

  const Verdict& verdict =
      judge.update(result({0.6f, 0.8f}), 0, settings, several_labels());

  assert_verdict(verdict, "1 0.8: 1=0.8*");
}

void test_none_of_several_labels_is_unknown(void) {
  Judge judge;

  const Verdict& verdict =
      judge.update(result({0.1f, 0.3f, 0.2f}), 0, {}, several_labels());

  assert_verdict(verdict, "-1 0.3: 1=0.3");
}

void test_several_labels_are_smoothed(void) {
  Judge judge;
  const FrameSettings settings{.smoothing_time = 1000 * GST_SECOND};
  judge.update(result({0.9f, 0.1f}), 0, settings, several_labels());

  const Verdict& verdict =
      judge.update(result({0.1f, 0.9f}), kStep, settings, several_labels());

  assert_verdict(verdict, "0 0.9: 0=0.9*");
}

// What raw tensors carry is the model's, not the decision's.
void test_all_confidences_are_kept_for_tensors(void) {
  Judge judge;
  const FrameSettings settings{.tensor_meta = true,
                               .smoothing_time = 1000 * GST_SECOND};
  judge.update(result({0.8f, 0.2f}), 0, settings, kOneLabel);

  const Verdict& verdict =
      judge.update(result({0.3f, 0.7f}), kStep, settings, kOneLabel);

  g_assert_cmpint(verdict.label_id, ==, 0);
  g_assert_true(verdict.probabilities == std::vector({0.3f, 0.7f}));
}

void test_they_are_not_kept_for_nobody(void) {
  Judge judge;
  judge.update(result({0.8f, 0.2f}), 0, {.tensor_meta = true}, kOneLabel);

  const Verdict& verdict =
      judge.update(result({0.8f, 0.2f}), kStep, {}, kOneLabel);

  g_assert_true(verdict.probabilities.empty());
}

struct Need {
  const char* name;
  FrameSettings settings;
  bool several;
  bool expected;
};
const Need kNeeds[] = {
    {"plain", {}, false, false},
    {"threshold", {.class_confidence_threshold = 0.5}, false, false},
    {"smoothing", {.smoothing_time = 1}, false, true},
    {"dwell", {.min_dwell = 1}, false, true},
    {"hysteresis", {.hysteresis = 0.1}, false, true},
    {"tensors", {.tensor_meta = true}, false, true},
    {"several-labels", {}, true, true},
};

void test_all_confidences_are_needed_for(gconstpointer data) {
  const auto& c = *static_cast<const Need*>(data);
  const ModelInfo info = c.several ? several_labels() : kOneLabel;

  g_assert_cmpint(needs_probabilities(c.settings, info), ==, c.expected);
}

void add_one_label_tests(void) {
  g_test_add_func("/verdict/the-best-class-is-the-label",
                  test_the_best_class_is_the_label);
  g_test_add_func("/verdict/a-class-below-the-threshold-is-unknown",
                  test_a_class_below_the_threshold_is_unknown);
  g_test_add_func("/verdict/a-class-at-the-threshold-is-known",
                  test_a_class_at_the_threshold_is_known);
  g_test_add_func("/verdict/an-empty-result-is-unknown",
                  test_an_empty_result_is_unknown);
  support::add_rows("/verdict/a-clip-has-the-labels-of", kClips,
                    test_a_clip_has_the_labels_of);
  g_test_add_func("/verdict/the-best-are-those-of-the-smoothed",
                  test_the_best_are_those_of_the_smoothed);
  g_test_add_func("/verdict/equal-classes-come-in-the-order-of-the-model",
                  test_equal_classes_come_in_the_order_of_the_model);
  g_test_add_func(
      "/verdict/results-without-all-confidences-stand-for-themselves",
      test_results_without_all_confidences_stand_for_themselves);
  g_test_add_func("/verdict/time-that-goes-back-begins-anew",
                  test_time_that_goes_back_begins_anew);
  g_test_add_func("/verdict/frames-without-a-time-stand-for-themselves",
                  test_frames_without_a_time_stand_for_themselves);
}

void add_several_label_tests(void) {
  g_test_add_func("/verdict/several-labels-are-present-from-a-half-on",
                  test_several_labels_are_present_from_a_half_on);
  g_test_add_func("/verdict/each-class-has-its-threshold",
                  test_each_class_has_its_threshold);
  g_test_add_func("/verdict/the-settings-threshold-is-for-every-class",
                  test_the_settings_threshold_is_for_every_class);
  g_test_add_func("/verdict/none-of-several-labels-is-unknown",
                  test_none_of_several_labels_is_unknown);
  g_test_add_func("/verdict/several-labels-are-smoothed",
                  test_several_labels_are_smoothed);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_one_label_tests();
  add_several_label_tests();
  g_test_add_func("/verdict/all-confidences-are-kept-for-tensors",
                  test_all_confidences_are_kept_for_tensors);
  g_test_add_func("/verdict/they-are-not-kept-for-nobody",
                  test_they_are_not_kept_for_nobody);
  support::add_rows("/verdict/all-confidences-are-needed-for", kNeeds,
                    test_all_confidences_are_needed_for);
  return g_test_run();
}
