// SPDX-License-Identifier: LGPL-2.1-or-later
// The threads that own every LibTorch call of the process.
//
// LibTorch keeps state per thread (OpenMP teams, oneDNN caches): a few threads
// that live as long as the process keep it from growing with every pipeline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace torchclassify {

class WorkerPool {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;  // must not throw

  // The process's pool. Never destroyed: its threads end with the process.
  static WorkerPool& instance();

  // prepare runs once on each new thread, before its first task.
  explicit WorkerPool(Task prepare);
  ~WorkerPool() = delete;

  // Sets threads aside for one user, until release() of as many: there are as
  // many as all users asked for together, so that none waits for another's
  // tasks to end. Threads that nobody asks for any more stay for the next
  // user. Throws Error kInternal if the system gives none, and reserves none.
  void reserve(int threads);
  void release(int threads);

  // Queues the task, first come first served.
  void post(Task task);

  // Queues the task once the time has come.
  void post_at(Clock::time_point when, Task task);

  // Runs call on a worker and waits; passes on what it throws. Not from a
  // worker: it would wait for itself.
  void run(const std::function<void()>& call);

 private:
  void work();
  Task next_task();
  Task take_task();  // under mutex_; empty: nothing to do yet

  const Task prepare_;

  // All below: protected by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> ready_;
  std::multimap<Clock::time_point, Task> timed_;
  int threads_ = 0;
  int reserved_ = 0;  // threads, at most threads_
};

// Some of a pool's threads, for as long as it lives.
class WorkerShare {
 public:
  WorkerShare(WorkerPool& pool, int threads) : pool_(pool), threads_(threads) {
    pool_.reserve(threads_);
  }
  ~WorkerShare() { pool_.release(threads_); }
  WorkerShare(const WorkerShare&) = delete;
  WorkerShare& operator=(const WorkerShare&) = delete;

 private:
  WorkerPool& pool_;
  const int threads_;
};

}  // namespace torchclassify
