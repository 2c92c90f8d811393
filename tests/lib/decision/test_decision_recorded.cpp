// SPDX-License-Identifier: LGPL-2.1-or-later
// A classifier that flickers, as recorded on real tracks of traffic signs.
#include <glib.h>

#include "recording.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace support;

constexpr std::int64_t kMs = 1'000'000;

// docs/decisions.md says why these.
struct Row {
  const char* name;
  torchclassify::DecisionOptions options;
};
const Row kRows[] = {
    {"smoothing-and-dwell",
     {.smoothing_time_ns = 100 * kMs, .min_dwell_ns = 160 * kMs}},
    {"smoothing-hysteresis-and-dwell",
     {.smoothing_time_ns = 100 * kMs,
      .hysteresis = 0.2,
      .min_dwell_ns = 120 * kMs}},
};

Recording recorded() {
  return read_recording(test_file("decision/flicker.txt"));
}

// What the other two tests are worth depends on it.
void test_the_recording_flickers() {
  const Recording recording = recorded();

  const Outcome plain = outcome_of(recording, decide(recording, {}));

  const auto frames = static_cast<int>(recording.frames.size());
  g_test_message(
      "%d frames, %zu changes of the scene, %d of the label, %d right", frames,
      plain.delays_ns.size(), plain.changes, plain.right);
  g_assert_cmpuint(plain.delays_ns.size(), >=, 10);
  g_assert_cmpuint(plain.changes, >=, 15 * plain.delays_ns.size());
  g_assert_cmpint(plain.right, <, frames);
}

void test_ten_times_fewer_changes(gconstpointer data) {
  const Row& row = *static_cast<const Row*>(data);
  const Recording recording = recorded();

  const Outcome plain = outcome_of(recording, decide(recording, {}));
  const Outcome steady = outcome_of(recording, decide(recording, row.options));

  g_test_message("%d changes without, %d with", plain.changes, steady.changes);
  g_assert_cmpint(10 * steady.changes, <=, plain.changes);
  g_assert_cmpint(steady.right, >, plain.right);
}

// After every change of the scene.
void test_right_within_300_ms(gconstpointer data) {
  const Row& row = *static_cast<const Row*>(data);
  const Recording recording = recorded();

  const Outcome steady = outcome_of(recording, decide(recording, row.options));

  g_test_message("median %d ms, at most %d ms",
                 static_cast<int>(median(steady.delays_ns) / kMs),
                 static_cast<int>(largest(steady.delays_ns) / kMs));
  g_assert_cmpint(largest(steady.delays_ns), <=, 300 * kMs);
}

// The scenes' changes themselves are counted right: by hand.
void test_outcome_by_hand() {
  const Recording recording = {
      .interval_ns = 40 * kMs,
      .frames = {{0, {}}, {0, {}}, {1, {}}, {1, {}}, {1, {}}, {2, {}}}};

  const Outcome outcome = outcome_of(recording, {0, 1, 0, 0, 1, 1});

  g_assert_cmpint(outcome.changes, ==, 3);
  g_assert_cmpint(outcome.right, ==, 2);
  g_assert_cmpuint(outcome.delays_ns.size(), ==, 2);
  g_assert_cmpint(outcome.delays_ns[0], ==, 80 * kMs);
  g_assert_cmpint(outcome.delays_ns[1], ==, kNever);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/decision-recorded/delays-and-changes-are-counted",
                  test_outcome_by_hand);
  g_test_add_func("/decision-recorded/the-recording-flickers",
                  test_the_recording_flickers);
  support::add_rows("/decision-recorded/ten-times-fewer-changes-by", kRows,
                    test_ten_times_fewer_changes);
  support::add_rows("/decision-recorded/the-right-label-within-300-ms-by",
                    kRows, test_right_within_300_ms);
  return g_test_run();
}
