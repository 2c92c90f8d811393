// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/worker_pool.h"

#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <ATen/Parallel.h>

#include "torchclassify/error.h"

namespace torchclassify {

WorkerPool& WorkerPool::instance() {
  // One intra-op thread each: the workers are the parallelism.
  static WorkerPool* const pool =
      new WorkerPool([] { at::set_num_threads(1); });
  return *pool;
}

WorkerPool::WorkerPool(Task prepare) : prepare_(std::move(prepare)) {}

void WorkerPool::reserve(int threads) {
  const std::lock_guard lock(mutex_);
  const int wanted = reserved_ + threads;
  try {
    for (; threads_ < wanted; ++threads_)
      std::thread(&WorkerPool::work, this).detach();
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::kInternal, "expected " + std::to_string(wanted) +
                                          " worker threads, the system gave " +
                                          std::to_string(threads_) + ": " +
                                          error.what());
  }
  reserved_ = wanted;
}

void WorkerPool::release(int threads) {
  const std::lock_guard lock(mutex_);
  reserved_ -= threads;
}

void WorkerPool::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void WorkerPool::post_at(Clock::time_point when, Task task) {
  {
    const std::lock_guard lock(mutex_);
    timed_.emplace(when, std::move(task));
  }
  wake_.notify_one();
}

void WorkerPool::run(const std::function<void()>& call) {
  std::promise<void> promise;
  post([&call, &promise] {
    try {
      call();
      promise.set_value();
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  });
  promise.get_future().get();
}

void WorkerPool::work() {
  prepare_();
  while (true) next_task()();
}

WorkerPool::Task WorkerPool::next_task() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (Task task = take_task()) {
      // This thread may have been the only one that kept the time.
      if (!timed_.empty())
        wake_.notify_one();
      return task;
    }
    if (timed_.empty()) {
      wake_.wait(lock);
    } else {
      // A copy: the entry may be taken, and go, while this waits.
      const Clock::time_point next = timed_.begin()->first;
      wake_.wait_until(lock, next);
    }
  }
}

WorkerPool::Task WorkerPool::take_task() {
  if (!timed_.empty() && timed_.begin()->first <= Clock::now())
    return std::move(timed_.extract(timed_.begin()).mapped());
  if (ready_.empty())
    return {};
  Task task = std::move(ready_.front());
  ready_.pop_front();
  return task;
}

}  // namespace torchclassify
