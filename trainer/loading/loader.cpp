// SPDX-License-Identifier: LGPL-2.1-or-later
// The threads behind a loader, and the queue between them and next().
#include "torchclassify/train/loader.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "loading/batch_maker.h"
#include "loading/picture_cache.h"
#include "loading/sampler.h"
#include "preprocess/preprocess.h"
#include "require.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
using Clock = std::chrono::steady_clock;

constexpr int kMostWorkers = 256;
constexpr std::size_t kAheadPerWorker = 2;  // batches

void check(const Dataset& dataset, const LoaderOptions& options) {
  require(dataset.size() > 0, "a set with pictures", "none");
  require(options.batch_size > 0, "a batch size of at least 1", "0");
  require(options.workers >= 1 && options.workers <= kMostWorkers,
          "1 to " + std::to_string(kMostWorkers) + " workers",
          std::to_string(options.workers));
  require(
      options.ranks >= 1 && options.rank >= 0 && options.rank < options.ranks,
      "a rank from 0 to below the number of ranks",
      std::to_string(options.rank) + " of " + std::to_string(options.ranks));
}

void check_alpha(double alpha, const std::string& name) {
  require(alpha >= 0 && std::isfinite(alpha), name + " of at least 0",
          std::to_string(alpha));
}

void check_training(const LoaderOptions& options) {
  check_augment_options(options.augment);
  require(options.repeats >= 1, "at least 1 copy of each picture",
          std::to_string(options.repeats));
  check_alpha(options.mixup_alpha, "a mixup alpha");
  check_alpha(options.cutmix_alpha, "a cutmix alpha");
  require(options.mix_probability >= 0 && options.mix_probability <= 1,
          "a share of mixed batches from 0 to 1",
          std::to_string(options.mix_probability));
}

double seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// What next() throws for what was thrown here: a set of the caller's may throw
// anything.
std::exception_ptr as_error() {
  try {
    throw;
  } catch (const Error&) {
    return std::current_exception();
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(Error(
        ErrorCode::kOutOfMemory, "expected memory for a batch, got none"));
  } catch (const std::exception& error) {
    return std::make_exception_ptr(
        Error(ErrorCode::kInternal,
              std::string("expected a batch, got \"") + error.what() + '"'));
  } catch (...) {
    return std::make_exception_ptr(
        Error(ErrorCode::kInternal, "expected a batch, got something thrown"));
  }
}

}  // namespace

struct Loader::Impl {
  Impl(const Dataset& set, const Preprocessing& input,
       const LoaderOptions& loader_options);
  ~Impl() { stop(); }

  struct Slot {
    MadeBatch made;
    std::exception_ptr error;
  };

  std::size_t batches() const;
  void begin_pass(std::uint64_t epoch, std::size_t first_batch);
  void work();
  Batch old_batch();
  Slot make(std::optional<BatchMaker>& maker, std::size_t number, Batch old);
  void stop();

  const Dataset& dataset;
  const Preprocessing preprocessing;
  const LoaderOptions options;
  PictureCache cache;

  EpochPlan plan;  // of this pass; constant while threads run
  std::vector<std::thread> threads;
  LoaderStatistics statistics;                    // of next()'s thread
  Clock::time_point started;                      // likewise
  std::map<std::size_t, SkippedPicture> skipped;  // likewise; by index

  std::mutex mutex;  // protects all below
  std::condition_variable changed;
  std::map<std::size_t, Slot> ready;  // by batch number
  std::size_t begun = 0;              // the next one that a thread begins
  std::size_t taken = 0;              // the next one that next() gives out
  std::size_t end = 0;                // of the pass
  std::vector<Batch> memory;          // of recycled batches
  bool stopping = false;
};

Loader::Impl::Impl(const Dataset& set, const Preprocessing& input,
                   const LoaderOptions& loader_options)
    : dataset(set),
      preprocessing(input),
      options(loader_options),
      cache(set.size(), loader_options.cache_bytes) {
  check_preprocessing(preprocessing);
  check(dataset, options);
  if (options.training)
    check_training(options);
}

std::size_t Loader::Impl::batches() const {
  return epoch_batches(dataset.size(), options);
}

// A thread. The lock is held except while a batch is made.
void Loader::Impl::work() {
  std::optional<BatchMaker> maker;
  const std::size_t ahead =
      kAheadPerWorker * static_cast<std::size_t>(options.workers);
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [&] {
      return stopping || begun == end || begun < taken + ahead;
    });
    if (stopping || begun == end)
      return;
    const std::size_t number = begun++;
    Batch old = old_batch();
    lock.unlock();
    Slot slot = make(maker, number, std::move(old));
    lock.lock();
    ready[number] = std::move(slot);
    changed.notify_all();
  }
}

// mutex is held.
Batch Loader::Impl::old_batch() {
  Batch batch;
  if (!memory.empty()) {
    batch = std::move(memory.back());
    memory.pop_back();
  }
  return batch;
}

Loader::Impl::Slot Loader::Impl::make(std::optional<BatchMaker>& maker,
                                      std::size_t number, Batch old) {
  Slot slot;
  try {
    if (!maker)
      maker.emplace(dataset, preprocessing, options, cache);
    slot.made = maker->make(plan, number, std::move(old));
  } catch (...) {
    slot.error = as_error();
  }
  return slot;
}

void Loader::Impl::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

// No thread runs.
void Loader::Impl::begin_pass(std::uint64_t epoch, std::size_t first_batch) {
  plan = {epoch, epoch_order(dataset, options, epoch)};
  ready.clear();
  begun = taken = first_batch;
  end = batches();
  stopping = false;
  statistics = {};
  started = Clock::now();
}

Loader::Loader(const Dataset& dataset, const Preprocessing& preprocessing,
               const LoaderOptions& options)
    : impl_(std::make_unique<Impl>(dataset, preprocessing, options)) {}

Loader::~Loader() = default;

std::size_t Loader::batches() const { return impl_->batches(); }

void Loader::start(std::uint64_t epoch, std::size_t first_batch) {
  require(first_batch <= batches(),
          "a first batch of at most " + std::to_string(batches()),
          std::to_string(first_batch));
  impl_->stop();
  impl_->begin_pass(epoch, first_batch);
  try {
    for (int i = 0; i < impl_->options.workers; ++i)
      impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
  } catch (const std::system_error& error) {
    impl_->stop();
    throw Error(ErrorCode::kInternal,
                std::string("expected a thread, got \"") + error.what() + '"');
  }
}

Batch Loader::next() {
  const Clock::time_point asked = Clock::now();
  std::unique_lock lock(impl_->mutex);
  const std::size_t number = impl_->taken;
  require(number < impl_->end, "to be asked for a batch of the pass",
          "one more than it has");
  impl_->changed.wait(lock, [&] { return impl_->ready.contains(number); });
  Impl::Slot slot = std::move(impl_->ready.extract(number).mapped());
  ++impl_->taken;
  impl_->changed.notify_all();
  lock.unlock();

  const Clock::time_point got = Clock::now();
  impl_->statistics.wait_seconds += seconds(got - asked);
  impl_->statistics.seconds = seconds(got - impl_->started);
  if (slot.error)
    std::rethrow_exception(slot.error);
  for (SkippedPicture& picture : slot.made.skipped)
    impl_->skipped.emplace(picture.index, std::move(picture));
  impl_->statistics.pictures += slot.made.batch.size;
  return std::move(slot.made.batch);
}

void Loader::recycle(Batch batch) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->memory.size() <
      kAheadPerWorker * static_cast<std::size_t>(impl_->options.workers))
    impl_->memory.push_back(std::move(batch));
}

LoaderStatistics Loader::statistics() const {
  LoaderStatistics statistics = impl_->statistics;
  statistics.cached = impl_->cache.accepting();
  statistics.skipped = impl_->skipped.size();
  return statistics;
}

std::vector<SkippedPicture> Loader::skipped() const {
  std::vector<SkippedPicture> pictures;
  for (const auto& [index, picture] : impl_->skipped)
    pictures.push_back(picture);
  return pictures;
}

}  // namespace torchclassify
