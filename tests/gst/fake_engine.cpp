// SPDX-License-Identifier: LGPL-2.1-or-later
// An engine library whose answers can be worked out in the head: the class is
// the frame's first byte. The model file's name says what goes wrong.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <limits>
#include <mutex>
#include <random>
#include <thread>

#include "torchclassify/classifier.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

struct Job {
  std::uint8_t value;
  int top_k;
  Completion done;
};

// Answers from one thread: in any order with "random", after a second with
// "slow", with an error at the value 13 and NaN at 14.
class FakeClassifier : public Classifier {
 public:
  explicit FakeClassifier(const ClassifierOptions& options)
      : options_(options),
        random_(options.model_file.find("random") != std::string::npos),
        slow_(options.model_file.find("slow") != std::string::npos) {
    info_.architecture = "fake";
    for (int i = 0; i < 256; ++i)
      info_.classes.push_back("class " + std::to_string(i));
    thread_ = std::thread([this] { run(); });
  }

  ~FakeClassifier() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  const ModelInfo& info() const override { return info_; }
  const std::vector<std::string>& classes() const override {
    return info_.classes;
  }
  Statistics statistics() const override {
    Statistics statistics;
    statistics.inferred = inferred_;
    statistics.batches = inferred_;
    statistics.inference = {5'000'000, 7'000'000};
    statistics.device = "cpu";
    statistics.batch_size = 4;
    statistics.workers = 1;
    return statistics;
  }

  void submit(const ImageView& image, const RequestOptions& options,
              Completion done) override {
    check_image(image);
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(
          {image.planes[0].data[0], options.top_k, std::move(done)});
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty())
        return;
      const std::size_t chosen = random_ ? generator_() % jobs_.size() : 0;
      Job job = std::move(jobs_[chosen]);
      jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(chosen));
      lock.unlock();
      answer(job);
      lock.lock();
    }
  }

  void answer(Job& job) {
    if (random_)
      std::this_thread::sleep_for(
          std::chrono::microseconds(generator_() % 900));
    if (slow_)
      std::this_thread::sleep_for(std::chrono::seconds(1));
    ++inferred_;
    if (job.value == 13) {
      job.done(std::make_exception_ptr(
                   Error(ErrorCode::kInternal, "expected luck, got 13")),
               {});
      return;
    }
    Classification result;
    result.finite = job.value != 14;
    for (int i = 0; i < job.top_k && result.finite; ++i)
      result.top.push_back({(job.value + i) % 256, 0.75f / (i + 1)});
    job.done(nullptr, std::move(result));
  }

  const ClassifierOptions options_;
  const bool random_;
  const bool slow_;
  ModelInfo info_;
  std::atomic<std::uint64_t> inferred_{0};
  std::mt19937 generator_{7};  // the thread's own
  std::mutex mutex_;           // protects jobs_ and stopping_
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

struct Refusal {
  const char* model_file;
  ErrorCode code;
};
constexpr Refusal kRefusals[] = {
    {"absent", ErrorCode::kNotFound},
    {"unreadable", ErrorCode::kCannotRead},
    {"bad", ErrorCode::kBadData},
    {"unsupported", ErrorCode::kUnsupported},
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Classifier*
torchclassify_open(const ClassifierOptions& options) {
  for (const Refusal& refusal : kRefusals) {
    if (options.model_file == refusal.model_file)
      throw Error(refusal.code, "expected a model, got " + options.model_file);
  }
  if (options.device != "auto" && options.device != "cpu")
    throw Error(ErrorCode::kDeviceUnavailable,
                "expected auto or cpu, got " + options.device);
  return new FakeClassifier(options);
}

}  // namespace torchclassify
