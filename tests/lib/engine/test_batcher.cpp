// SPDX-License-Identifier: LGPL-2.1-or-later
// When a batch leaves, and what is in it.
#include <glib.h>

#include <algorithm>
#include <string>
#include <thread>

#include "engine/batcher.h"

namespace {
using namespace torchclassify;
using namespace std::chrono_literals;
using Clock = Batcher::Clock;

constexpr std::chrono::nanoseconds kLong = 1h;

// A batcher whose batches and alarms are kept, to be looked at.
struct Desk {
  explicit Desk(const BatcherOptions& options)
      : batcher(
            options,
            [this](std::unique_ptr<Batch> batch) {
              left.push_back(std::move(batch));
            },
            [this](Clock::time_point when) { alarms.push_back(when); }) {}

  void put(float value = 1) {
    const Batcher::Slot slot = batcher.reserve();
    *slot.input = value;
    batcher.commit(slot, request());
  }
  static Request request() {
    return {.done = [](std::exception_ptr, Classification) {}};
  }
  void finish_first() {
    auto batch = std::move(left.front());
    left.erase(left.begin());
    batcher.finished(std::move(batch));
  }

  std::vector<std::unique_ptr<Batch>> left;
  std::vector<Clock::time_point> alarms;
  Batcher batcher;
};

void test_full_leaves() {
  Desk desk({.batch_size = 3, .timeout = kLong});

  desk.put(10);
  desk.put(11);
  g_assert_cmpuint(desk.left.size(), ==, 0);
  desk.put(12);

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.left[0]->requests.size(), ==, 3);
  g_assert_true(desk.left[0]->input == std::vector<float>({10, 11, 12}));
}

void test_alarm_lets_go() {
  Desk desk({.batch_size = 3, .timeout = 1ms});
  desk.put(7);
  g_assert_cmpuint(desk.alarms.size(), ==, 1);
  std::this_thread::sleep_until(desk.alarms[0]);

  desk.batcher.poll();

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.left[0]->requests.size(), ==, 1);
  g_assert_cmpfloat(desk.left[0]->input[0], ==, 7);
}

void test_no_time_to_wait() {
  Desk desk({.batch_size = 3, .timeout = 0ns});

  desk.put();

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.alarms.size(), ==, 0);
}

void test_not_before_its_time() {
  Desk desk({.batch_size = 3, .timeout = kLong});
  desk.put();
  desk.put();

  desk.batcher.poll();

  g_assert_cmpuint(desk.left.size(), ==, 0);
}

void test_empty_never_leaves() {
  Desk desk({.batch_size = 3, .timeout = 0ns});

  desk.batcher.poll();

  g_assert_cmpuint(desk.left.size(), ==, 0);
}

void test_one_alarm_a_batch() {
  Desk desk({.batch_size = 4, .timeout = kLong});
  const auto start = Clock::now();

  for (int i = 0; i < 7; ++i) desk.put();

  g_assert_cmpuint(desk.alarms.size(), ==, 2);
  g_assert_true(desk.alarms[0] >= start + kLong);
  g_assert_true(desk.alarms[1] >= desk.alarms[0]);
}

void test_no_alarm_for_what_has_left() {
  Desk desk({.batch_size = 1, .timeout = kLong});

  desk.put();

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.alarms.size(), ==, 0);
}

// The deadline may pass between commit()'s look at the clock and its alarm.
void test_no_deadline_is_lost() {
  for (int i = 0; i < 20'000; ++i) {
    Desk desk({.batch_size = 2, .timeout = 5us});
    const Batcher::Slot slot = desk.batcher.reserve();
    const auto almost = slot.batch->deadline - i % 500 * 1ns;
    while (Clock::now() < almost) {
    }

    desk.batcher.commit(slot, Desk::request());

    g_assert_cmpuint(desk.left.size() + desk.alarms.size(), ==, 1);
  }
}

void test_unwritten_place_holds_full_batch() {
  Desk desk({.batch_size = 2, .timeout = kLong});
  const Batcher::Slot slow = desk.batcher.reserve();
  desk.put(2);
  desk.put(3);  // the next batch
  g_assert_cmpuint(desk.left.size(), ==, 0);

  *slow.input = 1;
  desk.batcher.commit(slow, Desk::request());

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_true(desk.left[0]->input == std::vector<float>({1, 2}));
}

void test_unwritten_place_holds_due_batch() {
  Desk desk({.batch_size = 3, .timeout = 0ns});
  const Batcher::Slot first = desk.batcher.reserve();
  const Batcher::Slot second = desk.batcher.reserve();
  desk.batcher.commit(second, Desk::request());
  desk.batcher.poll();
  g_assert_cmpuint(desk.left.size(), ==, 0);

  desk.batcher.commit(first, Desk::request());

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.left[0]->requests.size(), ==, 2);
}

void test_busy_workers_let_it_fill() {
  Desk desk({.batch_size = 4, .timeout = 0ns});
  desk.put();
  desk.put();
  desk.put();
  desk.put();
  desk.batcher.poll();
  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.left[0]->requests.size(), ==, 1);

  desk.finish_first();

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_cmpuint(desk.left[0]->requests.size(), ==, 3);
}

void test_busy_workers_keep_the_order() {
  Desk desk({.batch_size = 1, .workers = 2, .timeout = kLong});
  for (float value = 0; value < 5; ++value) desk.put(value);
  g_assert_cmpuint(desk.left.size(), ==, 2);

  for (float value = 0; value < 5; ++value) {
    g_assert_cmpfloat(desk.left.front()->input[0], ==, value);
    desk.finish_first();
  }

  g_assert_cmpuint(desk.left.size(), ==, 0);
}

void test_abandoned_is_nobodys() {
  Desk desk({.batch_size = 2, .picture_size = 2, .timeout = kLong});
  const Batcher::Slot given_up = desk.batcher.reserve();
  std::fill_n(given_up.input, 2, 9.0f);

  desk.batcher.abandon(given_up);
  desk.put(5);

  g_assert_cmpuint(desk.left.size(), ==, 1);
  g_assert_false(desk.left[0]->requests[0].done);
  g_assert_true(desk.left[0]->requests[1].done);
  g_assert_cmpfloat(desk.left[0]->input[0], ==, 0);
  g_assert_cmpfloat(desk.left[0]->input[1], ==, 0);
}

void test_all_abandoned_leave() {
  Desk desk({.batch_size = 2, .timeout = kLong});

  desk.batcher.abandon(desk.batcher.reserve());
  desk.batcher.abandon(desk.batcher.reserve());
  desk.finish_first();

  g_assert_cmpint(desk.batcher.queue_depth(), ==, 0);
}

void test_places_do_not_overlap() {
  Desk desk({.batch_size = 3, .picture_size = 5, .timeout = kLong});

  const Batcher::Slot first = desk.batcher.reserve();
  const Batcher::Slot second = desk.batcher.reserve();

  g_assert_true(first.batch == second.batch);
  g_assert_cmpint(second.input - first.input, ==, 5);
  g_assert_cmpuint(first.batch->input.size(), ==, 15);
}

void test_batches_are_reused() {
  Desk desk({.batch_size = 2, .timeout = kLong});
  desk.put();
  desk.put();
  const Batch* const batch = desk.left[0].get();
  const float* const input = batch->input.data();
  desk.finish_first();

  const Batcher::Slot slot = desk.batcher.reserve();

  g_assert_true(slot.batch == batch);
  g_assert_true(slot.input == input);
  g_assert_cmpuint(slot.index, ==, 0);
  g_assert_cmpuint(slot.batch->written, ==, 0);
  g_assert_true(slot.batch->deadline > Clock::now());
}

void test_depth_counts() {
  Desk desk({.batch_size = 2, .timeout = kLong});
  g_assert_cmpint(desk.batcher.queue_depth(), ==, 0);

  const Batcher::Slot slot = desk.batcher.reserve();
  desk.put();
  desk.put();
  g_assert_cmpint(desk.batcher.queue_depth(), ==, 3);
  desk.batcher.commit(slot, Desk::request());
  g_assert_cmpint(desk.batcher.queue_depth(), ==, 3);
  desk.finish_first();

  g_assert_cmpint(desk.batcher.queue_depth(), ==, 1);
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"a-full-batch-leaves-at-once", test_full_leaves},
    {"a-partial-batch-leaves-when-its-alarm-rings", test_alarm_lets_go},
    {"without-a-timeout-nothing-waits", test_no_time_to_wait},
    {"a-partial-batch-does-not-leave-early", test_not_before_its_time},
    {"nothing-does-not-leave", test_empty_never_leaves},
    {"a-batch-sets-one-alarm", test_one_alarm_a_batch},
    {"what-has-left-sets-no-alarm", test_no_alarm_for_what_has_left},
    {"no-deadline-is-lost-between-two-looks-at-the-clock",
     test_no_deadline_is_lost},
    {"a-place-not-written-holds-a-full-batch",
     test_unwritten_place_holds_full_batch},
    {"a-place-not-written-holds-a-batch-that-is-due",
     test_unwritten_place_holds_due_batch},
    {"while-workers-are-busy-the-batch-fills", test_busy_workers_let_it_fill},
    {"while-workers-are-busy-full-batches-queue-in-order",
     test_busy_workers_keep_the_order},
    {"an-abandoned-place-is-zeros-and-nobodys", test_abandoned_is_nobodys},
    {"abandoned-places-do-not-hold-the-batch", test_all_abandoned_leave},
    {"places-do-not-overlap", test_places_do_not_overlap},
    {"finished-batches-are-used-again", test_batches_are_reused},
    {"the-depth-counts-from-reserve-to-finished", test_depth_counts},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/batcher/") + test.name).c_str(), test.run);
  return g_test_run();
}
