// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include <torch/torch.h>

#include "engine/device.h"
#include "engine/executor.h"
#include "engine/top_k.h"
#include "engine/worker_pool.h"
#include "preprocess/preprocess.h"

namespace torchclassify {

struct EngineShelf {
  std::mutex opening;  // held while the engine is made: others wait for it
  std::weak_ptr<Engine> engine;
};

namespace {

using Clock = Batcher::Clock;

std::int64_t nanoseconds_since(Clock::time_point start) {
  return std::chrono::nanoseconds(Clock::now() - start).count();
}

// Batches run in sizes of powers of two, so that every shape is known, and its
// kernels chosen, when the model opens.
std::size_t bucket(std::size_t count, std::size_t largest) {
  return std::min(std::bit_ceil(count), largest);
}

std::shared_ptr<Executor> make_executor(WorkerPool& pool,
                                        const EngineOptions& options) {
  std::shared_ptr<Executor> executor;
  pool.run([&] {
    executor = std::make_shared<Executor>(
        NetworkOptions{.model_file = options.model_file,
                       .device = torch::Device(options.device),
                       .dtype = dtype_of(options.precision),
                       .workers = options.workers,
                       .allow_code = options.allow_code});
  });
  return executor;
}

// The shelf for these options, empty or not.
std::shared_ptr<EngineShelf> find_shelf(const EngineOptions& options) {
  static std::mutex mutex;
  static std::map<EngineOptions, std::weak_ptr<EngineShelf>> shelves;
  const std::lock_guard lock(mutex);
  std::erase_if(shelves,
                [](const auto& entry) { return entry.second.expired(); });
  auto shelf = shelves[options].lock();
  if (!shelf) {
    shelf = std::make_shared<EngineShelf>();
    shelves[options] = shelf;
  }
  return shelf;
}

}  // namespace

std::shared_ptr<Engine> Engine::open(const EngineOptions& options) {
  const std::shared_ptr<EngineShelf> shelf = find_shelf(options);
  const std::lock_guard lock(shelf->opening);
  if (auto engine = shelf->engine.lock())
    return engine;
  std::shared_ptr<Engine> engine(new Engine(options));
  engine->warm_up();
  engine->shelf_ = shelf;
  shelf->engine = engine;
  return engine;
}

Engine::Engine(const EngineOptions& options)
    : options_(options),
      pool_(WorkerPool::instance()),
      share_(std::make_unique<WorkerShare>(pool_, options.workers)),
      executor_(make_executor(pool_, options)),
      batcher_(
          batcher_options(),
          [this](std::unique_ptr<Batch> batch) { post(std::move(batch)); },
          [this](Clock::time_point when) { post_poll(when); }) {}

Engine::~Engine() {
  // The last user may be a worker, which must not wait for itself.
  pool_.post([executor = std::move(executor_)]() mutable { executor.reset(); });
}

BatcherOptions Engine::batcher_options() const {
  return {.batch_size = static_cast<std::size_t>(options_.batch_size),
          .picture_size = input_size(info().preprocessing),
          .workers = options_.workers,
          .timeout = std::chrono::nanoseconds(options_.batch_timeout_ns)};
}

const ModelInfo& Engine::info() const { return executor_->info(); }

Statistics Engine::statistics() const {
  return {.inferred = inferred_,
          .batches = batches_,
          .not_finite = not_finite_,
          .queue_depth = batcher_.queue_depth(),
          .preprocess = preprocess_.percentiles(),
          .inference = inference_.percentiles(),
          .added = added_.percentiles(),
          .device = options_.device,
          .precision = options_.precision,
          .batch_size = options_.batch_size,
          .workers = options_.workers};
}

void Engine::commit(const Batcher::Slot& slot, Request request) {
  batcher_.commit(slot, std::move(request));
}

void Engine::self_check() {
  pool_.run([this] { executor_->self_check(); });
}

void Engine::warm_up() {
  pool_.run([this] {
    const auto largest = static_cast<std::size_t>(options_.batch_size);
    const std::vector<float> zeros(largest * input_size(info().preprocessing));
    for (std::size_t size = 1; size < largest; size *= 2)
      executor_->forward(zeros.data(), size);
    executor_->forward(zeros.data(), largest);
    // A latency can be told before the first picture comes.
    const Clock::time_point start = Clock::now();
    executor_->forward(zeros.data(), largest);
    inference_.add(nanoseconds_since(start));
  });
}

void Engine::post(std::unique_ptr<Batch> batch) {
  // A task must be copyable; and it keeps the engine until it has ended, which
  // is later than its last answer.
  pool_.post([self = shared_from_this(),
              shared = std::make_shared<std::unique_ptr<Batch>>(
                  std::move(batch))] { self->run(std::move(*shared)); });
}

void Engine::post_poll(Clock::time_point when) {
  pool_.post_at(when, [weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->batcher_.poll();
  });
}

void Engine::run(std::unique_ptr<Batch> batch) {
  const Clock::time_point start = Clock::now();
  try {
    const auto largest = static_cast<std::size_t>(options_.batch_size);
    const auto logits = executor_->forward(
        batch->input.data(), bucket(batch->requests.size(), largest));
    inference_.add(nanoseconds_since(start));
    ++batches_;
    answer_all(*batch, logits);
  } catch (const std::exception&) {
    refuse_all(*batch, std::current_exception());
  }
  batcher_.finished(std::move(batch));
}

void Engine::answer_all(Batch& batch, const std::vector<float>& logits) {
  const std::size_t classes = info().classes.size();
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    if (batch.requests[i].done)
      answer(batch.requests[i],
             std::span(logits).subspan(i * classes, classes));
  }
}

void Engine::answer(Request& request, std::span<const float> logits) {
  Classification result;
  const RequestOptions& wanted = request.options;
  result.finite = all_finite(logits);
  if (result.finite)
    result.top = top_k(logits, info().activation, info().temperature,
                       static_cast<std::size_t>(wanted.top_k));
  else
    ++not_finite_;
  if (wanted.probabilities && result.finite)
    result.probabilities =
        confidences(logits, info().activation, info().temperature);
  if (wanted.logits)
    result.logits.assign(logits.begin(), logits.end());
  result.latency_ns = nanoseconds_since(request.submitted);
  ++inferred_;
  added_.add(result.latency_ns);
  // Taken out: refuse_all() must not find it should a later answer fail.
  std::exchange(request.done, nullptr)(nullptr, std::move(result));
}

void Engine::refuse_all(const Batch& batch, const std::exception_ptr& error) {
  for (const Request& request : batch.requests) {
    if (request.done)
      request.done(error, {});
  }
}

}  // namespace torchclassify
