// SPDX-License-Identifier: LGPL-2.1-or-later
// What all users of one model on one device share: weights, batches, figures.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <span>
#include <vector>

#include "engine/batcher.h"
#include "engine/engine_options.h"
#include "torchclassify/latency_recorder.h"

namespace torchclassify {

class Executor;
class WorkerPool;
class WorkerShare;
struct EngineShelf;  // where open() finds the engine again

// Any thread but the pool's.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  // The process's engine for these options, made and warmed up if there is
  // none; it goes when its last user does. Throws Error.
  static std::shared_ptr<Engine> open(const EngineOptions& options);

  ~Engine();

  const ModelInfo& info() const;
  Statistics statistics() const;

  // A place for one picture; the caller preprocesses into it. Holds the engine
  // until the request has been answered.
  Batcher::Slot reserve() { return batcher_.reserve(); }
  void commit(const Batcher::Slot& slot, Request request);
  void abandon(const Batcher::Slot& slot) { batcher_.abandon(slot); }

  void record_preprocess(std::int64_t ns) { preprocess_.add(ns); }

  // Throws Error kBadData if the file's recorded logits are not this device's.
  void self_check();

 private:
  explicit Engine(const EngineOptions& options);
  BatcherOptions batcher_options() const;
  void warm_up();

  void post(std::unique_ptr<Batch> batch);
  void post_poll(Batcher::Clock::time_point when);
  void run(std::unique_ptr<Batch> batch);
  void answer(Request& request, std::span<const float> logits);
  void answer_all(Batch& batch, const std::vector<float>& logits);
  void refuse_all(const Batch& batch, const std::exception_ptr& error);

  const EngineOptions options_;
  WorkerPool& pool_;
  const std::unique_ptr<WorkerShare> share_;
  std::shared_ptr<Executor> executor_;  // made and unmade on a worker
  Batcher batcher_;
  std::shared_ptr<EngineShelf> shelf_;  // lives as long as the engine

  std::atomic<std::uint64_t> inferred_{0};
  std::atomic<std::uint64_t> batches_{0};
  std::atomic<std::uint64_t> not_finite_{0};
  LatencyRecorder preprocess_;
  LatencyRecorder inference_;
  LatencyRecorder added_;
};

}  // namespace torchclassify
