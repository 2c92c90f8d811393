// SPDX-License-Identifier: LGPL-2.1-or-later
// The latest durations and their percentiles.
#include <glib.h>

#include <thread>
#include <vector>

#include "support/rows.h"
#include "torchclassify/latency_recorder.h"

namespace {
using namespace torchclassify;

void test_nothing_recorded() {
  const LatencyRecorder recorder;

  const LatencyPercentiles percentiles = recorder.percentiles();

  g_assert_cmpint(percentiles.p50_ns, ==, 0);
  g_assert_cmpint(percentiles.p99_ns, ==, 0);
}

struct Series {
  const char* name;
  int count;  // the durations are 1 to count
  std::int64_t p50;
  std::int64_t p99;
};
const Series kSeries[] = {
    {"one", 1, 1, 1},
    {"two", 2, 1, 2},
    {"ten", 10, 5, 10},
    {"a-hundred", 100, 50, 99},
    {"a-thousand", 1000, 500, 990},
};

void test_series(gconstpointer data) {
  const Series& series = *static_cast<const Series*>(data);
  LatencyRecorder recorder;

  for (int i = series.count; i > 0; --i) recorder.add(i);

  g_assert_cmpint(recorder.percentiles().p50_ns, ==, series.p50);
  g_assert_cmpint(recorder.percentiles().p99_ns, ==, series.p99);
}

void test_one_outlier() {
  LatencyRecorder recorder;

  for (int i = 0; i < 999; ++i) recorder.add(5);
  recorder.add(1'000'000'000);

  g_assert_cmpint(recorder.percentiles().p50_ns, ==, 5);
  g_assert_cmpint(recorder.percentiles().p99_ns, ==, 5);
}

void test_old_ones_are_forgotten() {
  LatencyRecorder recorder;
  for (std::size_t i = 0; i < 3 * LatencyRecorder::kWindow / 2; ++i)
    recorder.add(1'000'000);

  for (std::size_t i = 0; i < LatencyRecorder::kWindow; ++i) recorder.add(7);

  g_assert_cmpint(recorder.percentiles().p50_ns, ==, 7);
  g_assert_cmpint(recorder.percentiles().p99_ns, ==, 7);
}

void test_a_full_window_counts_whole() {
  LatencyRecorder recorder;
  for (std::size_t i = 0; i < LatencyRecorder::kWindow; ++i) recorder.add(3);

  recorder.add(9);

  g_assert_cmpint(recorder.percentiles().p50_ns, ==, 3);
  g_assert_cmpint(recorder.percentiles().p99_ns, ==, 3);
}

void test_threads_do_not_tear() {
  constexpr std::int64_t kHuge = 0x7000'0000'0000'0001;
  LatencyRecorder recorder;
  std::vector<std::jthread> threads;

  for (const std::int64_t value : {std::int64_t{1}, kHuge})
    threads.emplace_back([&recorder, value] {
      for (int i = 0; i < 20'000; ++i) recorder.add(value);
    });
  for (int i = 0; i < 50; ++i) {
    const LatencyPercentiles seen = recorder.percentiles();
    for (const std::int64_t value : {seen.p50_ns, seen.p99_ns})
      g_assert_true(value == 0 || value == 1 || value == kHuge);
  }
  threads.clear();

  g_assert_cmpint(recorder.percentiles().p50_ns, !=, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/latency-recorder/nothing-recorded-is-zeros",
                  test_nothing_recorded);
  support::add_rows("/latency-recorder/that-many-percent-took-no-longer",
                    kSeries, test_series);
  g_test_add_func("/latency-recorder/one-in-a-thousand-moves-nothing",
                  test_one_outlier);
  g_test_add_func("/latency-recorder/old-durations-are-forgotten",
                  test_old_ones_are_forgotten);
  g_test_add_func("/latency-recorder/a-window-that-wraps-still-counts-whole",
                  test_a_full_window_counts_whole);
  g_test_add_func("/latency-recorder/threads-never-see-half-a-duration",
                  test_threads_do_not_tear);
  return g_test_run();
}
