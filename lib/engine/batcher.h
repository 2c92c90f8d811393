// SPDX-License-Identifier: LGPL-2.1-or-later
// Gathers pictures of many streams into batches, and says when one leaves.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "torchclassify/classifier.h"

namespace torchclassify {

// One picture's place in a batch.
struct Request {
  RequestOptions options;
  Completion done;  // empty: the picture was given up, its place is zeros
  std::chrono::steady_clock::time_point submitted;
};

// Input memory and who waits for the answers.
struct Batch {
  std::vector<float> input;       // [capacity, picture_size]
  std::vector<Request> requests;  // one per place given out
  std::size_t written = 0;        // places whose pixels are there
  std::chrono::steady_clock::time_point deadline;
};

struct BatcherOptions {
  std::size_t batch_size = 1;          // pictures
  std::size_t picture_size = 1;        // floats
  int workers = 1;                     // batches that may run at a time
  std::chrono::nanoseconds timeout{};  // longest wait for a full batch
};

// A batch leaves when a worker is free and it is full or its oldest picture has
// waited for the timeout; while all workers are busy it goes on filling.
//
// Any thread. Never calls out under its lock.
class Batcher {
 public:
  using Clock = std::chrono::steady_clock;
  // Runs the batch elsewhere and calls finished() with it.
  using Run = std::function<void(std::unique_ptr<Batch>)>;
  // Calls poll() at that time.
  using Alarm = std::function<void(Clock::time_point)>;

  Batcher(const BatcherOptions& options, Run run, Alarm alarm);

  // A place in the filling batch: write pixels, then commit. Never waits.
  struct Slot {
    Batch* batch;
    std::size_t index;
    float* input;  // picture_size floats
  };
  Slot reserve();
  void commit(const Slot& slot, Request request);
  // Gives the place up: it is answered to nobody.
  void abandon(const Slot& slot);

  void poll();
  // Takes the batch back for reuse.
  void finished(std::unique_ptr<Batch> batch);

  int queue_depth() const;  // pictures reserved and not yet finished

 private:
  using Batches = std::vector<std::unique_ptr<Batch>>;
  std::unique_ptr<Batch> take_empty();
  void mark_written(Batch& batch);
  Batches take_due(Clock::time_point now);
  void run_all(Batches batches);

  const BatcherOptions options_;
  const Run run_;
  const Alarm alarm_;

  // All below: protected by mutex_.
  mutable std::mutex mutex_;
  std::unique_ptr<Batch> filling_;  // has at least one place given out
  Batches full_;                    // no place left, some perhaps not written
  std::deque<std::unique_ptr<Batch>> ready_;  // full and written
  Batches empty_;
  int running_ = 0;
  int depth_ = 0;
};

}  // namespace torchclassify
