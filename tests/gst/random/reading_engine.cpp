// SPDX-License-Identifier: LGPL-2.1-or-later
// An engine library that reads all of a picture, as the real one does, and
// answers with a digest of what it has read instead of an inference.
#include "reading_engine.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "torchclassify/classifier.h"

namespace torchclassify {
namespace {

// The class has the confidence 0.75, the next 0.375, the one after 0.25, ...
Classification answer(int label, const RequestOptions& options) {
  constexpr int kClasses = support::kReadingClasses;
  Classification result;
  result.finite = label != support::kNotFinite;
  if (!result.finite)
    return result;
  if (options.probabilities)
    result.probabilities.resize(kClasses);
  for (int i = 0; i < kClasses; ++i) {
    const int id = (label + i) % kClasses;
    const float confidence = 0.75f / static_cast<float>(i + 1);
    if (i < options.top_k)
      result.top.push_back({id, confidence});
    if (options.probabilities)
      result.probabilities[id] = confidence;
  }
  return result;
}

class ReadingClassifier : public Classifier {
 public:
  explicit ReadingClassifier(const std::string& model)
      : preprocessor_(support::reading_input(model)),
        pixels_(input_size(support::reading_input(model))) {
    info_.architecture = "reading";
    for (int i = 0; i < support::kReadingClasses; ++i)
      info_.classes.push_back("class " + std::to_string(i));
    thread_ = std::thread([this] { run(); });
  }

  ~ReadingClassifier() override {
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
    statistics.device = "cpu";
    statistics.batch_size = 4;
    statistics.workers = 1;
    return statistics;
  }

  void submit(const ImageView& image, const RequestOptions& options,
              Completion done) override {
    preprocessor_.run(image, pixels_.data());
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(
          [result = answer(support::reading_label(pixels_), options),
           done = std::move(done)]() mutable {
            done(nullptr, std::move(result));
          });
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
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  ModelInfo info_;
  Preprocessor preprocessor_;  // the submitting thread's, as pixels_
  std::vector<float> pixels_;
  std::mutex mutex_;  // protects jobs_ and stopping_
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Classifier*
torchclassify_open(const ClassifierOptions& options) {
  return new ReadingClassifier(options.model_file);
}

}  // namespace torchclassify
