// SPDX-License-Identifier: LGPL-2.1-or-later
// The threads that run tasks: in which order, when, and on how many.
#include <glib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <fstream>
#include <latch>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/worker_pool.h"
#include "support/expect_error.h"

namespace {
using namespace torchclassify;
using namespace std::chrono_literals;
using Clock = WorkerPool::Clock;

// Pools live as long as the process, and so must what their threads use.
WorkerPool& new_pool(
    int threads, WorkerPool::Task prepare = [] {}) {
  auto* const pool = new WorkerPool(std::move(prepare));
  pool->reserve(threads);
  return *pool;
}

// Runs task once on each of the pool's threads, at the same time.
void on_each_thread(WorkerPool& pool, int threads,
                    const std::function<void()>& task) {
  std::barrier meeting(threads);
  std::latch ended(threads);
  for (int i = 0; i < threads; ++i)
    pool.post([&] {
      meeting.arrive_and_wait();
      task();
      ended.count_down();
    });
  ended.wait();
}

void test_order() {
  WorkerPool& pool = new_pool(1);
  std::vector<int> order;

  for (int i = 0; i < 5; ++i) pool.post([&order, i] { order.push_back(i); });
  pool.run([] {});

  g_assert_true(order == std::vector<int>({0, 1, 2, 3, 4}));
}

void test_prepare() {
  static std::atomic<int> prepared{0};
  static thread_local int mine = 0;
  WorkerPool& pool = new_pool(3, [] {
    ++mine;
    ++prepared;
  });
  std::atomic<int> wrong{0};

  for (int i = 0; i < 2; ++i)
    on_each_thread(pool, 3, [&] { wrong += mine != 1; });

  g_assert_cmpint(wrong, ==, 0);
  g_assert_cmpint(prepared, ==, 3);
}

void test_released_threads_stay() {
  static std::atomic<int> prepared{0};
  WorkerPool& pool = new_pool(0, [] { ++prepared; });

  for (int i = 0; i < 5; ++i) {
    const WorkerShare share(pool, 2);
    on_each_thread(pool, 2, [] {});
  }

  g_assert_cmpint(prepared, ==, 2);
}

void test_two_users() {
  WorkerPool& pool = new_pool(1);

  const WorkerShare other(pool, 2);

  on_each_thread(pool, 3, [] {});  // would wait for ever for a third
}

// Leaves the process room for some more threads' stacks, until its end.
class LittleAddressSpace {
 public:
  LittleAddressSpace() {
    g_assert_cmpint(getrlimit(RLIMIT_AS, &before_), ==, 0);
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit little = before_;
    little.rlim_cur = pages * static_cast<rlim_t>(getpagesize()) + (256 << 20);
    g_assert_cmpint(setrlimit(RLIMIT_AS, &little), ==, 0);
  }
  ~LittleAddressSpace() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

void test_too_many() {
#ifdef __SANITIZE_ADDRESS__
  g_test_skip("the sanitizer reserves terabytes of address space");
  return;
#endif
  WorkerPool& pool = new_pool(1);

  {
    const LittleAddressSpace little;
    support::expect_error(
        ErrorCode::kInternal, [&pool] { pool.reserve(20'000); },
        "20001 worker threads");
  }

  int ran = 0;
  pool.run([&ran] { ++ran; });
  g_assert_cmpint(ran, ==, 1);
}

void test_run_waits() {
  WorkerPool& pool = new_pool(2);
  const auto caller = std::this_thread::get_id();
  std::thread::id worker;

  pool.run([&worker] {
    std::this_thread::sleep_for(20ms);
    worker = std::this_thread::get_id();
  });

  g_assert_true(worker != std::thread::id());
  g_assert_true(worker != caller);
}

void test_errors_pass() {
  WorkerPool& pool = new_pool(1);

  support::expect_error(
      ErrorCode::kBadData,
      [&pool] {
        pool.run([] { throw Error(ErrorCode::kBadData, "a broken file"); });
      },
      "a broken file");
}

void test_threads_survive_exceptions() {
  WorkerPool& pool = new_pool(1);
  std::string caught;

  for (int i = 0; i < 3; ++i) {
    try {
      pool.run([i] { throw std::runtime_error(std::to_string(i)); });
    } catch (const std::runtime_error& error) {
      caught += error.what();
    }
  }
  pool.run([&caught] { caught += "!"; });

  g_assert_cmpstr(caught.c_str(), ==, "012!");
}

void test_not_early() {
  WorkerPool& pool = new_pool(2);
  const auto when = Clock::now() + 30ms;
  std::binary_semaphore rang(0);
  Clock::time_point at;

  pool.post_at(when, [&] {
    at = Clock::now();
    rang.release();
  });
  rang.acquire();

  g_assert_true(at >= when);
}

void test_by_time() {
  WorkerPool& pool = new_pool(1);
  const auto now = Clock::now();
  std::string order;
  std::latch ended(3);
  const auto note = [&](char letter) {
    return [&order, &ended, letter] {
      order += letter;
      ended.count_down();
    };
  };

  pool.post_at(now + 60ms, note('c'));
  pool.post_at(now + 20ms, note('a'));
  pool.post_at(now + 40ms, note('b'));
  ended.wait();

  g_assert_cmpstr(order.c_str(), ==, "abc");
}

void test_past_time() {
  WorkerPool& pool = new_pool(1);
  std::binary_semaphore ran(0);

  pool.post_at(Clock::now() - 1h, [&ran] { ran.release(); });

  g_assert_true(ran.try_acquire_for(60s));
}

void test_far_time_holds_nothing_up() {
  WorkerPool& pool = new_pool(1);
  static std::atomic<bool> rang{false};
  pool.post_at(Clock::now() + 24h, [] { rang = true; });

  int ran = 0;
  for (int i = 0; i < 100; ++i) pool.run([&ran] { ++ran; });

  g_assert_cmpint(ran, ==, 100);
  g_assert_false(rang);
}

// The worker that waits for the time may be the one that a task wakes.
void test_clock_is_handed_on() {
  WorkerPool& pool = new_pool(2);
  for (int i = 0; i < 20; ++i) {
    std::binary_semaphore rang(0);
    std::binary_semaphore ended(0);
    bool in_time = false;
    on_each_thread(pool, 2, [] {});
    std::this_thread::sleep_for(2ms);  // both are waiting for work

    pool.post_at(Clock::now() + 20ms, [&rang] { rang.release(); });
    std::this_thread::sleep_for(2ms);
    pool.post([&] {
      in_time = rang.try_acquire_for(10s);
      ended.release();
    });
    ended.acquire();

    g_assert_true(in_time);
  }
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"tasks-run-in-the-order-of-posting", test_order},
    {"each-thread-is-prepared-once-before-its-first-task", test_prepare},
    {"released-threads-stay-for-the-next-user", test_released_threads_stay},
    {"every-user-has-threads-of-its-own", test_two_users},
    {"too-many-threads-are-refused-and-some-stay", test_too_many},
    {"run-waits-for-a-worker-to-end-the-call", test_run_waits},
    {"run-passes-on-what-the-call-throws", test_errors_pass},
    {"a-thread-survives-what-a-call-throws", test_threads_survive_exceptions},
    {"a-timed-task-does-not-run-early", test_not_early},
    {"timed-tasks-run-in-the-order-of-their-times", test_by_time},
    {"a-time-that-is-past-is-now", test_past_time},
    {"a-far-time-holds-nothing-up", test_far_time_holds_nothing_up},
    {"a-timed-task-finds-the-idle-worker-while-another-is-busy",
     test_clock_is_handed_on},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/worker-pool/") + test.name).c_str(),
                    test.run);
  return g_test_run();
}
