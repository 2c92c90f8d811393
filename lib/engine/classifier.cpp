// SPDX-License-Identifier: LGPL-2.1-or-later
// One user's handle on a shared engine.
#include "torchclassify/classifier.h"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "engine/engine.h"
#include "formats/labels.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Clock = std::chrono::steady_clock;

class SharedClassifier : public Classifier {
 public:
  explicit SharedClassifier(const ClassifierOptions& options)
      : engine_(Engine::open(decide(options))),
        classes_(options.labels_file.empty()
                     ? engine_->info().classes
                     : read_labels(options.labels_file,
                                   engine_->info().classes.size())),
        preprocessor_(engine_->info().preprocessing) {
    if (options.self_check)
      engine_->self_check();
  }

  ~SharedClassifier() override {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return pending_ == 0; });
  }

  const ModelInfo& info() const override { return engine_->info(); }
  const std::vector<std::string>& classes() const override { return classes_; }
  Statistics statistics() const override { return engine_->statistics(); }

  void submit(const ImageView& image, const RequestOptions& options,
              Completion done) override;

 private:
  void preprocess(const ImageView& image, float* input);
  void add_pending(int change);

  const std::shared_ptr<Engine> engine_;
  const std::vector<std::string> classes_;
  Preprocessor preprocessor_;  // the submitting thread's

  std::mutex mutex_;
  std::condition_variable answered_;
  int pending_ = 0;  // protected by mutex_
};

void SharedClassifier::submit(const ImageView& image,
                              const RequestOptions& options, Completion done) {
  if (options.top_k < 0)
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected a top-k of 0 or more, got " + std::to_string(options.top_k));
  check_image(image);  // before a place in a batch is taken for it
  const Clock::time_point submitted = Clock::now();
  const Batcher::Slot slot = engine_->reserve();
  try {
    preprocess(image, slot.input);
  } catch (...) {
    engine_->abandon(slot);
    throw;
  }
  add_pending(+1);
  engine_->commit(
      slot, {.options = options,
             .done =
                 [this, done = std::move(done)](std::exception_ptr error,
                                                Classification result) mutable {
                   done(std::move(error), std::move(result));
                   done = nullptr;   // what it holds goes here, not later
                   add_pending(-1);  // nothing of this object after it
                 },
             .submitted = submitted});
}

void SharedClassifier::preprocess(const ImageView& image, float* input) {
  const Clock::time_point start = Clock::now();
  preprocessor_.run(image, input);
  engine_->record_preprocess(
      std::chrono::nanoseconds(Clock::now() - start).count());
}

void SharedClassifier::add_pending(int change) {
  const std::lock_guard lock(mutex_);
  pending_ += change;
  if (pending_ == 0)
    answered_.notify_all();  // under the lock: the waiter destroys us next
}

}  // namespace

Classification Classifier::classify(const ImageView& image,
                                    const RequestOptions& options) {
  std::promise<Classification> promise;
  submit(image, options,
         [&promise](std::exception_ptr error, Classification result) {
           if (error)
             promise.set_exception(error);
           else
             promise.set_value(std::move(result));
         });
  return promise.get_future().get();
}

std::unique_ptr<Classifier> open_classifier(const ClassifierOptions& options) {
  return std::make_unique<SharedClassifier>(options);
}

extern "C" Classifier* torchclassify_open(const ClassifierOptions& options) {
  return open_classifier(options).release();
}

}  // namespace torchclassify
