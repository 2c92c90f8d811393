// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTML report as text; how a browser shows it: report_browser_test.py.
#include "torchclassify/train/report.h"

#include <glib.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "reporting/base64.h"
#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/svg_chart.h"
#include "sample_report.h"
#include "support/assert_text.h"
#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using support::assert_text;
using support::sample_report;
using torchclassify::ChartPoint;
using torchclassify::ErrorCode;
using torchclassify::Report;
using torchclassify::to_html;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++times;
  return times;
}

void test_the_same_report_gives_the_same_bytes() {
  g_assert_true(to_html(sample_report(5)) == to_html(sample_report(5)));
}

void test_every_part_has_its_section() {
  const std::string html = to_html(sample_report(5));

  for (const char* id :
       {"summary", "training", "classes", "balance", "confusion", "curves",
        "confidence", "mistakes", "problems"}) {
    g_assert_true(contains(html, "<section id=" + std::string(id) + " "));
    g_assert_true(contains(html, "<a href=#" + std::string(id) + ">"));
  }
}

void test_what_is_not_known_is_left_out() {
  const std::string html = to_html({.title = "Nothing", .classes = {"a", "b"}});

  g_assert_cmpuint(count(html, "<section"), ==, 1);
  g_assert_true(contains(html, "<section id=summary "));
  g_assert_false(contains(html, "<h3"));
}

void test_names_cannot_be_markup() {
  Report report = sample_report(2);
  report.title = "</title><script>alert(1)</script>";
  report.facts = {{"<i>", "\"'&"}};
  report.problems = {{"<p>", "<q>"}};

  const std::string html = to_html(report);

  g_assert_cmpuint(count(html, "<script"), ==, 1);
  g_assert_true(contains(html, "&lt;/title&gt;&lt;script&gt;"));
  for (const char* made : {"<i>", "<b>bold", "<p>&lt;", "<q>", "<img src=x"})
    g_assert_false(contains(html, made));
  g_assert_true(contains(html, "&quot;&#39;&amp;"));
}

struct Escape {
  const char* name;
  std::string text;
  const char* html;
};

const Escape kEscapes[] = {
    {"markup", "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"},
    {"utf-8", "Z\u00fcrich \U0001f600", "Z\u00fcrich \U0001f600"},
    {"broken-utf-8", "a\xff\xc3", "a\ufffd\ufffd"},
    {"control-characters", std::string("a\0\x1b\x7f", 4),
     "a\ufffd\ufffd\ufffd"},
};

void test_escape(gconstpointer data) {
  const auto& row = *static_cast<const Escape*>(data);

  assert_text(torchclassify::escape(row.text), row.html);
}

void test_nothing_is_outside_the_file() {
  const std::string html = to_html(sample_report(5));

  g_assert_true(contains(html, "default-src 'none'"));
  for (const char* way : {"http:", "https:", "url(", "@import", " onclick"})
    g_assert_false(contains(html, way));
}

void test_a_heat_map_is_beside_its_picture() {
  const std::string html = to_html(sample_report(2));

  g_assert_cmpuint(count(html, "<img class=plain"), ==, 8);
  g_assert_cmpuint(count(html, "<img class=heat"), ==, 7);
  g_assert_cmpuint(count(html, "src=\"data:image/png;base64,iVBOR"), ==, 15);
}

void test_a_jpeg_is_said_to_be_one() {
  Report report = sample_report(2);
  report.mistakes.resize(1);
  report.mistakes[0].thumbnail = {0xff, 0xd8, 0xff};
  report.mistakes[0].heat_map.clear();

  g_assert_true(contains(to_html(report), "data:image/jpeg;base64,/9j/\""));
}

void test_many_classes_have_no_matrix() {
  g_assert_true(contains(to_html(sample_report(100)), "<table class=matrix"));
  g_assert_false(contains(to_html(sample_report(101)), "<table class=matrix"));
}

void test_only_the_worst_of_many_classes_have_curves() {
  const std::string few = to_html(sample_report(50));
  const std::string many = to_html(sample_report(101));

  g_assert_cmpuint(count(few, "data-class="), ==, 2 * 50);
  g_assert_cmpuint(count(many, "data-class="), ==, 2 * 20);
}

void test_many_classes_stay_a_small_file() {
  const std::string html = to_html(sample_report(300));

  g_assert_cmpuint(html.size(), <, 1'000'000);
}

void test_a_class_without_pictures_has_dashes() {
  Report report = sample_report(3);
  report.metrics.per_class[2] = {};
  report.metrics.per_class[2].average_precision = NAN;
  report.metrics.per_class[2].roc_auc = NAN;

  const std::string html = to_html(report);

  g_assert_true(contains(html, "<td>\u2013</td><td>\u2013</td><td>0</td>"));
  g_assert_cmpuint(count(html, "data-class="), ==, 2 * 2);
  g_assert_false(contains(html, "nan"));
}

void test_classes_of_one_size_need_no_chart() {
  Report report = sample_report(3);
  report.training_counts = {7, 7, 7};

  const std::string html = to_html(report);

  g_assert_true(contains(html, "Every class has 7 training pictures."));
  g_assert_false(contains(html, "Size of the classes"));
}

void test_a_training_that_diverged_is_drawn() {
  Report report = sample_report(2);
  for (auto& epoch : report.history) {
    epoch.train_loss = std::numeric_limits<double>::infinity();
    epoch.valid_loss = NAN;
  }

  const std::string html = to_html(report);

  g_assert_true(contains(html, "<section id=training "));
  g_assert_false(contains(html, "inf,"));
  g_assert_false(contains(html, "nan"));
}

void test_a_single_epoch_without_validation_is_drawn() {
  Report report = sample_report(2);
  report.history = {{.epoch = 1, .train_loss = 1, .train_accuracy = 0.5}};

  const std::string html = to_html(report);

  g_assert_true(contains(html, "epoch 1, Training: 1"));
  g_assert_false(contains(html, "epoch 1, Validation"));
}

void test_multi_label_answers_have_curves_but_no_confusion() {
  Report report{.classes = {"a", "b"}};
  report.answers.classes = 2;
  report.answers.add(0, std::vector<std::uint8_t>{1, 0},
                     std::vector<float>{2, -1});
  report.answers.add(1, std::vector<std::uint8_t>{1, 1},
                     std::vector<float>{1, 3});
  report.answers.add(2, std::vector<std::uint8_t>{0, 0},
                     std::vector<float>{-2, -2});
  report.activation = torchclassify::Activation::kSigmoid;
  report.metrics = measure_multi_label(report.answers, {});

  const std::string html = to_html(report);

  g_assert_true(contains(html, "<section id=curves "));
  g_assert_true(contains(html, "All labels right"));
  g_assert_false(contains(html, "<section id=confusion "));
  g_assert_false(contains(html, "<section id=confidence "));
}

struct Mismatch {
  const char* name;
  void (*change)(Report& report);
  const char* what;
};

const Mismatch kMismatches[] = {
    {"scores", [](Report& r) { r.metrics.per_class.pop_back(); }, "scores"},
    {"rows", [](Report& r) { r.metrics.confusion.pop_back(); }, "confusion"},
    {"columns", [](Report& r) { r.metrics.confusion[1].pop_back(); },
     "confusion"},
    {"thresholds", [](Report& r) { r.thresholds.push_back(1); }, "thresholds"},
    {"counts", [](Report& r) { r.training_counts.push_back(1); }, "counts"},
    {"answers", [](Report& r) { r.answers = {.classes = 2}; }, "answers"},
    {"confusion-alone", [](Report& r) { r.metrics.per_class.clear(); },
     "scores"},
};

void test_sizes_that_disagree_are_refused(gconstpointer data) {
  const auto& row = *static_cast<const Mismatch*>(data);
  Report report = sample_report(3);
  row.change(report);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { to_html(report); }, row.what,
      "3 classes");
}

// RFC 4648, 10.
void test_base64_equals_the_standards() {
  const std::pair<std::string, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, expected] : rows) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    assert_text(torchclassify::base64(bytes), expected);
  }
}

void test_numbers_are_for_people() {
  assert_text(torchclassify::percent(0.98765), "98.77\u00a0%");
  assert_text(torchclassify::percent(NAN), "\u2013");
  assert_text(torchclassify::fixed(-0.0001, 2), "0.00");
  assert_text(torchclassify::fixed(INFINITY, 2), "\u2013");
  assert_text(torchclassify::significant(0.05, 4), "0.05");
  assert_text(torchclassify::grouped(1234567), "1\u00a0234\u00a0567");
  assert_text(torchclassify::grouped(-999), "-999");
}

void test_ticks_are_round() {
  using torchclassify::ticks;
  const auto shares = ticks({.low = 0, .high = 1});
  const auto epochs = ticks({.low = 1, .high = 2, .whole = true});
  const auto powers = ticks({.low = 1, .high = 1000, .logarithmic = true});

  g_assert_cmpuint(shares.size(), ==, 6);
  g_assert_cmpfloat(shares[3], ==, 3 * 0.2);
  g_assert_true(epochs == std::vector<double>({1, 2}));
  g_assert_cmpuint(powers.size(), ==, 4);
}

void test_thinned_curves_keep_their_ends_and_their_shape() {
  std::vector<ChartPoint> curve;
  for (int i = 0; i <= 100'000; ++i) {
    const double x = i / 1e5;
    curve.push_back({x, std::sqrt(x)});
  }

  const auto thin = torchclassify::thinned(curve, 300);

  g_assert_cmpuint(thin.size(), <=, 300);
  g_assert_cmpuint(thin.size(), >, 100);
  g_assert_cmpfloat(thin.front().x, ==, 0);
  g_assert_cmpfloat(thin.back().x, ==, 1);
  for (std::size_t i = 1; i < thin.size(); ++i)
    g_assert_cmpfloat(thin[i].y - thin[i - 1].y, <, 0.02);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/report/the-same-report-gives-the-same-bytes",
                  test_the_same_report_gives_the_same_bytes);
  g_test_add_func("/report/every-part-has-its-section",
                  test_every_part_has_its_section);
  g_test_add_func("/report/what-is-not-known-is-left-out",
                  test_what_is_not_known_is_left_out);
  g_test_add_func("/report/names-cannot-be-markup",
                  test_names_cannot_be_markup);
  support::add_rows("/report/escape", kEscapes, test_escape);
  g_test_add_func("/report/nothing-is-outside-the-file",
                  test_nothing_is_outside_the_file);
  g_test_add_func("/report/a-heat-map-is-beside-its-picture",
                  test_a_heat_map_is_beside_its_picture);
  g_test_add_func("/report/a-jpeg-is-said-to-be-one",
                  test_a_jpeg_is_said_to_be_one);
  g_test_add_func("/report/many-classes-have-no-matrix",
                  test_many_classes_have_no_matrix);
  g_test_add_func("/report/only-the-worst-of-many-classes-have-curves",
                  test_only_the_worst_of_many_classes_have_curves);
  g_test_add_func("/report/many-classes-stay-a-small-file",
                  test_many_classes_stay_a_small_file);
  g_test_add_func("/report/a-class-without-pictures-has-dashes",
                  test_a_class_without_pictures_has_dashes);
  g_test_add_func("/report/classes-of-one-size-need-no-chart",
                  test_classes_of_one_size_need_no_chart);
  g_test_add_func("/report/a-training-that-diverged-is-drawn",
                  test_a_training_that_diverged_is_drawn);
  g_test_add_func("/report/a-single-epoch-without-validation-is-drawn",
                  test_a_single_epoch_without_validation_is_drawn);
  g_test_add_func("/report/multi-label-answers-have-curves-but-no-confusion",
                  test_multi_label_answers_have_curves_but_no_confusion);
  support::add_rows("/report/sizes-that-disagree-are-refused", kMismatches,
                    test_sizes_that_disagree_are_refused);
  g_test_add_func("/report/base64-equals-the-standards",
                  test_base64_equals_the_standards);
  g_test_add_func("/report/numbers-are-for-people",
                  test_numbers_are_for_people);
  g_test_add_func("/report/ticks-are-round", test_ticks_are_round);
  g_test_add_func("/report/thinned-curves-keep-their-ends-and-their-shape",
                  test_thinned_curves_keep_their_ends_and_their_shape);
  return g_test_run();
}
