// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/loader.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// What the cache holds: the evaluation input without its normalisation. For
// training with a shorter-side resize it is the square that is resized to, so
// that crops can move about in it.
Preprocessing canvas_of(Preprocessing preprocessing, bool whole) {
  const int side = preprocessing.resize_size;
  if (whole && preprocessing.resize_mode == ResizeMode::kShorterSide) {
    preprocessing.crop_width = std::max(preprocessing.crop_width, side);
    preprocessing.crop_height = std::max(preprocessing.crop_height, side);
  }
  const auto channels = static_cast<std::size_t>(preprocessing.channels);
  preprocessing.mean.assign(channels, 0.0f);
  preprocessing.std.assign(channels, 1.0f);
  return preprocessing;
}

// (byte / 255 - mean) / std for each byte: [channels][256].
std::vector<float> normalise_table(const Preprocessing& preprocessing) {
  std::vector<float> table;
  for (std::size_t c = 0; c < preprocessing.mean.size(); ++c) {
    for (int value = 0; value < 256; ++value)
      table.push_back(
          (static_cast<float>(value) / 255.0f - preprocessing.mean[c]) /
          preprocessing.std[c]);
  }
  return table;
}

}  // namespace

struct Loader::Impl {
  Impl(const Dataset& set, const Preprocessing& input,
       const LoaderOptions& loader_options);
  ~Impl() { stop(); }

  // Decoding, and what is kept of it.
  std::size_t canvas_bytes() const { return input_size(canvas); }
  void decode(std::size_t index, Preprocessor& preprocessor,
              std::vector<float>& scratch, std::uint8_t* output) const;
  void fill_cache();

  // Batches.
  Batch make(std::size_t number, Preprocessor& preprocessor) const;
  void normalise(const std::uint8_t* pixels, float* output) const;
  void work();
  void stop();

  const Dataset& dataset;
  const Preprocessing preprocessing;
  const LoaderOptions options;
  const bool training;
  const Preprocessing canvas;
  const std::vector<float> table;
  std::vector<std::uint8_t> cache;  // [size, canvas_bytes()], or empty

  std::uint64_t epoch = 0;
  std::vector<std::size_t> order;  // of this pass; constant while threads run
  std::vector<std::thread> threads;

  struct Slot {
    Batch batch;
    std::exception_ptr error;
  };
  std::mutex mutex;  // protects all below
  std::condition_variable changed;
  std::map<std::size_t, Slot> ready;  // by batch number
  std::size_t taken = 0;              // batches that next() has given out
  std::size_t begun = 0;              // batches that threads have begun
  bool stopping = false;
};

Loader::Impl::Impl(const Dataset& set, const Preprocessing& input,
                   const LoaderOptions& loader_options)
    : dataset(set),
      preprocessing(input),
      options(loader_options),
      training(options.shuffle),
      canvas(canvas_of(input, training)),
      table(normalise_table(input)),
      order(set.size()) {
  check_preprocessing(preprocessing);
  if (dataset.size() == 0 || options.batch_size == 0 || options.workers < 1)
    throw Error(ErrorCode::kInvalidArgument,
                "expected pictures, a batch size and workers of at least 1, "
                "got " +
                    std::to_string(dataset.size()) + ", " +
                    std::to_string(options.batch_size) + " and " +
                    std::to_string(options.workers));
  if (dataset.size() <= options.cache_bytes / canvas_bytes())
    fill_cache();
}

void Loader::Impl::decode(std::size_t index, Preprocessor& preprocessor,
                          std::vector<float>& scratch,
                          std::uint8_t* output) const {
  const Picture picture = dataset.picture(index);
  scratch.resize(canvas_bytes());
  preprocessor.run(picture.view(), scratch.data());
  // Planes of floats to interleaved bytes: the floats are bytes / 255 exactly.
  const auto channels = static_cast<std::size_t>(canvas.channels);
  const std::size_t plane = canvas_bytes() / channels;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < plane; ++i)
      output[i * channels + c] = static_cast<std::uint8_t>(
          std::lround(scratch[c * plane + i] * 255.0f));
}

void Loader::Impl::fill_cache() {
  cache.resize(dataset.size() * canvas_bytes());
  std::atomic<std::size_t> next = 0;
  std::exception_ptr error;
  std::mutex error_mutex;
  const auto fill = [&] {
    try {
      Preprocessor preprocessor(canvas);
      std::vector<float> scratch;
      for (std::size_t i = next++; i < dataset.size(); i = next++)
        decode(i, preprocessor, scratch, &cache[i * canvas_bytes()]);
    } catch (const std::exception&) {
      next = dataset.size();
      const std::lock_guard lock(error_mutex);
      if (!error)
        error = std::current_exception();
    }
  };
  std::vector<std::thread> fillers;
  for (int i = 0; i < options.workers; ++i) fillers.emplace_back(fill);
  for (std::thread& filler : fillers) filler.join();
  if (error)
    std::rethrow_exception(error);
}

void Loader::Impl::normalise(const std::uint8_t* pixels, float* output) const {
  const auto channels = static_cast<std::size_t>(preprocessing.channels);
  const std::size_t plane = input_size(preprocessing) / channels;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < plane; ++i)
      output[c * plane + i] = table[c * 256 + pixels[i * channels + c]];
}

Batch Loader::Impl::make(std::size_t number, Preprocessor& preprocessor) const {
  const std::size_t first = number * options.batch_size;
  const std::size_t floats = input_size(preprocessing);
  Batch batch;
  batch.size = std::min(options.batch_size, order.size() - first);
  batch.inputs.resize(batch.size * floats);
  std::vector<float> scratch;
  std::vector<std::uint8_t> decoded(cache.empty() ? canvas_bytes() : 0);
  std::vector<std::uint8_t> changed_pixels(floats);
  for (std::size_t i = 0; i < batch.size; ++i) {
    const std::size_t index = order[first + i];
    const std::uint8_t* pixels = decoded.data();
    if (cache.empty())
      decode(index, preprocessor, scratch, decoded.data());
    else
      pixels = &cache[index * canvas_bytes()];
    if (training) {
      augment({pixels, canvas.crop_width, canvas.crop_height, canvas.channels},
              options.augment, KeyedRandom({options.seed, epoch, index}),
              preprocessing.crop_width, preprocessing.crop_height,
              changed_pixels.data());
      pixels = changed_pixels.data();
    }
    normalise(pixels, &batch.inputs[i * floats]);
    batch.labels.push_back(dataset.label(index));
  }
  return batch;
}

// A thread: makes batches, at most two per thread ahead of next().
void Loader::Impl::work() {
  Preprocessor preprocessor(canvas);
  const std::size_t count =
      (order.size() + options.batch_size - 1) / options.batch_size;
  const auto ahead = 2 * static_cast<std::size_t>(options.workers);
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [&] {
      return stopping || begun == count || begun < taken + ahead;
    });
    if (stopping || begun == count)
      return;
    const std::size_t number = begun++;
    lock.unlock();
    Slot slot;
    try {
      slot.batch = make(number, preprocessor);
    } catch (const std::exception&) {
      slot.error = std::current_exception();
    }
    lock.lock();
    ready[number] = std::move(slot);
    changed.notify_all();
  }
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

Loader::Loader(const Dataset& dataset, const Preprocessing& preprocessing,
               const LoaderOptions& options)
    : impl_(std::make_unique<Impl>(dataset, preprocessing, options)) {}

Loader::~Loader() = default;

std::size_t Loader::batches() const {
  return (impl_->order.size() + impl_->options.batch_size - 1) /
         impl_->options.batch_size;
}

void Loader::start(std::uint64_t epoch) {
  impl_->stop();
  impl_->epoch = epoch;
  std::iota(impl_->order.begin(), impl_->order.end(), std::size_t{0});
  if (impl_->options.shuffle)
    KeyedRandom({impl_->options.seed, epoch}).shuffle(impl_->order);
  impl_->ready.clear();
  impl_->taken = impl_->begun = 0;
  impl_->stopping = false;
  for (int i = 0; i < impl_->options.workers; ++i)
    impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

Batch Loader::next() {
  std::unique_lock lock(impl_->mutex);
  const std::size_t number = impl_->taken;
  impl_->changed.wait(lock, [&] { return impl_->ready.contains(number); });
  Impl::Slot slot = std::move(impl_->ready.extract(number).mapped());
  ++impl_->taken;
  impl_->changed.notify_all();
  lock.unlock();
  if (slot.error)
    std::rethrow_exception(slot.error);
  return std::move(slot.batch);
}

}  // namespace torchclassify
