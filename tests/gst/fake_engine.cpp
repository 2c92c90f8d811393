// SPDX-License-Identifier: LGPL-2.1-or-later
// An engine library whose answers can be worked out in the head: the class is
// the first byte of what is classified. The model is what its file says, or, if
// there is no file, its name: words that say what is special about it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "torchclassify/classifier.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  std::uint8_t value;
  RequestOptions options;
  Completion done;
  Clock::time_point due;  // its batch waits no longer for others
};

std::string model_of(const std::string& file) {
  std::ifstream stream(file);
  if (!stream)
    return file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Of all that share an engine.
struct Counts {
  std::atomic<std::uint64_t> inferred{0};
  std::atomic<std::uint64_t> batches{0};
};
std::shared_ptr<Counts> counts_of(const ClassifierOptions& options) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Counts>> all;
  const std::lock_guard lock(mutex);
  std::weak_ptr<Counts>& known =
      all[options.model_file + "/" + options.instance_id];
  std::shared_ptr<Counts> counts = known.lock();
  if (!counts)
    known = counts = std::make_shared<Counts>();
  return counts;
}

bool has_word(const std::string& model, const char* word) {
  return model.find(word) != std::string::npos;
}

// One name a line.
std::vector<std::string> labels_of(const std::string& file, std::size_t count) {
  std::ifstream stream(file);
  if (!stream)
    throw Error(ErrorCode::kNotFound, "expected a label file, got " + file);
  std::vector<std::string> labels;
  for (std::string line; std::getline(stream, line);) labels.push_back(line);
  if (labels.size() != count)
    throw Error(ErrorCode::kBadData,
                "expected " + std::to_string(count) + " labels, got " +
                    std::to_string(labels.size()) + " in " + file);
  return labels;
}

// Answers from one thread, batch by batch: a batch's pictures in any order with
// "shuffled", and with pauses too with "random"; each after a second with
// "slow" and a twentieth with "late"; with an error at the value 13 and NaN at
// 14. "other" has classes of another name, and half as many; "several" may give
// several labels: those of the value's bits. "heavy" takes long to open. "code"
// executes code of its own, and "changed" fails its self-check. Options that
// are not about batches are believed, not obeyed.
class FakeClassifier : public Classifier {
 public:
  FakeClassifier(const ClassifierOptions& options, const std::string& model)
      : options_(options),
        random_(has_word(model, "random")),
        shuffled_(random_ || has_word(model, "shuffled")),
        several_(has_word(model, "several")),
        pause_(has_word(model, "slow")   ? std::chrono::milliseconds(1000)
               : has_word(model, "late") ? std::chrono::milliseconds(50)
                                         : std::chrono::milliseconds(0)) {
    info_.architecture = "fake";
    const bool other = has_word(model, "other");
    const int classes = several_ ? 8 : other ? 128 : 256;
    for (int i = 0; i < classes; ++i)
      info_.classes.push_back((other ? "other " : "class ") +
                              std::to_string(i));
    if (several_)
      info_.activation = Activation::kSigmoid;
    labels_ = options.labels_file.empty()
                  ? info_.classes
                  : labels_of(options.labels_file, info_.classes.size());
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
  const std::vector<std::string>& classes() const override { return labels_; }
  Statistics statistics() const override {
    Statistics statistics;
    statistics.inferred = counts_->inferred;
    statistics.batches = counts_->batches;
    statistics.inference = {5'000'000, 7'000'000};
    statistics.device = "cpu";
    statistics.precision = options_.precision == Precision::kAuto
                               ? Precision::kFp32
                               : options_.precision;
    statistics.batch_size = static_cast<int>(batch_size());
    statistics.workers = options_.workers > 0 ? options_.workers : 1;
    return statistics;
  }

  void submit(const ImageView& image, const RequestOptions& options,
              Completion done) override {
    check_image(image);
    bool news = false;  // for the thread, which waits for a batch
    {
      const std::lock_guard lock(mutex_);
      const Plane& plane = image.planes[0];
      jobs_.push_back(
          {plane.data[image.y * plane.stride + image.x], options,
           std::move(done),
           Clock::now() + std::chrono::nanoseconds(options_.batch_timeout_ns)});
      news = jobs_.size() == 1 || jobs_.size() >= batch_size();
    }
    if (news)
      changed_.notify_all();
  }

 private:
  std::size_t batch_size() const {
    return options_.batch_size > 0 ? options_.batch_size : 4;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty())
        return;
      changed_.wait_until(lock, jobs_.front().due, [&] {
        return stopping_ || jobs_.size() >= batch_size();
      });
      std::vector<Job> batch = take_batch();
      lock.unlock();
      ++counts_->batches;
      for (Job& job : batch) answer(job);
      lock.lock();
    }
  }

  std::vector<Job> take_batch() {
    const auto end = jobs_.begin() + static_cast<std::ptrdiff_t>(
                                         std::min(jobs_.size(), batch_size()));
    std::vector<Job> batch(std::make_move_iterator(jobs_.begin()),
                           std::make_move_iterator(end));
    jobs_.erase(jobs_.begin(), end);
    if (shuffled_)
      std::shuffle(batch.begin(), batch.end(), generator_);
    return batch;
  }

  void answer(Job& job) {
    if (random_)
      std::this_thread::sleep_for(
          std::chrono::microseconds(generator_() % 900));
    std::this_thread::sleep_for(pause_);
    ++counts_->inferred;
    if (job.value == 13) {
      job.done(std::make_exception_ptr(
                   Error(ErrorCode::kInternal, "expected luck, got 13")),
               {});
      return;
    }
    Classification result;
    result.finite = job.value != 14;
    if (result.finite)
      fill(job, result);
    job.done(nullptr, std::move(result));
  }

  // The value's class gets 0.75, the next 0.375, the one after that 0.25, ...;
  // of several labels 0.9 or 0.1.
  void fill(const Job& job, Classification& result) const {
    const int classes = static_cast<int>(info_.classes.size());
    std::vector<float> all(info_.classes.size());
    for (int i = 0; i < classes; ++i)
      all[(job.value + i) % classes] = 0.75f / static_cast<float>(i + 1);
    for (int i = 0; several_ && i < classes; ++i)
      all[i] = (job.value >> i & 1) != 0 ? 0.9f : 0.1f;
    for (int i = 0; i < std::min(job.options.top_k, classes); ++i) {
      const int label = (job.value + i) % classes;
      result.top.push_back({label, all[label]});
    }
    if (job.options.probabilities)
      result.probabilities = std::move(all);
  }

  const ClassifierOptions options_;
  const bool random_;
  const bool shuffled_;
  const bool several_;
  const std::chrono::milliseconds pause_;
  ModelInfo info_;
  std::vector<std::string> labels_;
  const std::shared_ptr<Counts> counts_ = counts_of(options_);
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
  const std::string model = model_of(options.model_file);
  for (const Refusal& refusal : kRefusals) {
    if (model == refusal.model_file)
      throw Error(refusal.code, "expected a model, got " + options.model_file);
  }
  if (has_word(model, "code") && !options.allow_code)
    throw Error(
        ErrorCode::kUnsupported,
        "expected allow-code=true, got false for " + options.model_file);
  if (has_word(model, "changed") && options.self_check)
    throw Error(
        ErrorCode::kBadData,
        "expected the logits on record, got others from " + options.model_file);
  if (options.device != "auto" && options.device != "cpu")
    throw Error(ErrorCode::kDeviceUnavailable,
                "expected auto or cpu, got " + options.device);
  if (has_word(model, "heavy"))
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  return new FakeClassifier(options, model);
}

}  // namespace torchclassify
