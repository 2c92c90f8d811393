// SPDX-License-Identifier: LGPL-2.1-or-later
// Many streams and workers at one batcher: no picture is lost or mixed up.
#include <glib.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "engine/batcher.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;
using namespace std::chrono_literals;

constexpr int kStreams = 8;
constexpr int kPictures = 1000;     // of each stream
constexpr int kGiveUpEvery = 7;     // of a stream's pictures
constexpr std::size_t kPixels = 3;  // of each picture

// Workers that answer with what they found in the picture's place.
class Workers {
 public:
  explicit Workers(const BatcherOptions& options)
      : batcher_(
            options,
            [this](std::unique_ptr<Batch> batch) { post(std::move(batch)); },
            [](Batcher::Clock::time_point) {}),
        most_(options.workers) {
    for (int i = 0; i < options.workers; ++i)
      threads_.emplace_back([this](std::stop_token stop) { work(stop); });
    // Stands for the alarms.
    threads_.emplace_back([this](std::stop_token stop) {
      for (; !stop.stop_requested(); std::this_thread::sleep_for(100us))
        batcher_.poll();
    });
  }

  Batcher& batcher() { return batcher_; }

 private:
  void post(std::unique_ptr<Batch> batch) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
    g_assert_cmpint(++running_, <=, most_);
    wake_.notify_one();
  }

  void work(std::stop_token stop) {
    while (auto batch = next(stop)) {
      for (std::size_t i = 0; i < batch->requests.size(); ++i) {
        const float* const picture = batch->input.data() + i * kPixels;
        if (batch->requests[i].done)
          batch->requests[i].done(nullptr,
                                  {.logits = {picture, picture + kPixels}});
      }
      --running_;
      batcher_.finished(std::move(batch));
    }
  }

  std::unique_ptr<Batch> next(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait(lock, stop, [this] { return !batches_.empty(); }))
      return nullptr;
    auto batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

  Batcher batcher_;
  const int most_;
  std::atomic<int> running_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::unique_ptr<Batch>> batches_;
  std::vector<std::jthread> threads_;  // last: ends before the rest goes
};

// What one stream's pictures were answered with.
struct Answers {
  std::vector<std::atomic<int>> count =
      std::vector<std::atomic<int>>(kPictures);
  std::atomic<int> wrong{0};
};

void submit(Batcher& batcher, Answers& answers, int stream, int picture) {
  const std::vector<float> pixels = {static_cast<float>(stream),
                                     static_cast<float>(picture), 0.5f};
  const Batcher::Slot slot = batcher.reserve();
  std::copy(pixels.begin(), pixels.end(), slot.input);
  if (picture % kGiveUpEvery == 0)
    batcher.abandon(slot);
  else
    batcher.commit(slot,
                   {.done = [&answers, picture, pixels](std::exception_ptr,
                                                        Classification result) {
                     answers.count[static_cast<std::size_t>(picture)]++;
                     if (result.logits != pixels)
                       answers.wrong++;
                   }});
}

void wait_until_empty(const Batcher& batcher) {
  const auto deadline = Batcher::Clock::now() + 60s;
  while (batcher.queue_depth() > 0) {
    g_assert_true(Batcher::Clock::now() < deadline);
    std::this_thread::sleep_for(1ms);
  }
}

struct Shape {
  const char* name;
  std::size_t batch_size;
  int workers;
  std::chrono::nanoseconds timeout;
};
const Shape kShapes[] = {{"one-by-one", 1, 1, 0ns},
                         {"one-by-one-to-many-workers", 1, 4, 0ns},
                         {"small-batches", 4, 2, 1ms},
                         {"never-waiting", 8, 3, 0ns},
                         {"large-batches", 32, 1, 1ms}};

void test_streams(gconstpointer data) {
  const Shape& shape = *static_cast<const Shape*>(data);
  std::vector<Answers> answers(kStreams);
  Workers workers({.batch_size = shape.batch_size,
                   .picture_size = kPixels,
                   .workers = shape.workers,
                   .timeout = shape.timeout});

  {
    std::vector<std::jthread> streams;
    for (int stream = 0; stream < kStreams; ++stream)
      streams.emplace_back([&, stream] {
        for (int picture = 0; picture < kPictures; ++picture)
          submit(workers.batcher(), answers[static_cast<std::size_t>(stream)],
                 stream, picture);
      });
  }
  wait_until_empty(workers.batcher());

  for (const Answers& stream : answers) {
    g_assert_cmpint(stream.wrong, ==, 0);
    for (int picture = 0; picture < kPictures; ++picture)
      g_assert_cmpint(stream.count[static_cast<std::size_t>(picture)], ==,
                      picture % kGiveUpEvery == 0 ? 0 : 1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/batcher/each-picture-is-answered-once-with-its-own",
                    kShapes, test_streams);
  return g_test_run();
}
