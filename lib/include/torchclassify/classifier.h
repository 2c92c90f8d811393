// SPDX-License-Identifier: LGPL-2.1-or-later
// Opens a model file and classifies pictures, asynchronously and in batches.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/image.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

enum class Precision { kAuto, kFp32, kBf16, kFp16 };

struct ClassifierOptions {
  std::string model_file;       // path of a bundle, or see allow_code
  std::string labels_file;      // path; empty: the model's own class names
  std::string device = "auto";  // auto, cpu, cuda, cuda:N
  Precision precision = Precision::kAuto;     // auto: fp32 on CPU, fp16 on CUDA
  int batch_size = 0;                         // largest batch; 0: by device
  std::int64_t batch_timeout_ns = 3'000'000;  // longest wait for a full batch
  int workers = 0;          // CPU worker threads; 0: by the number of cores
  std::string instance_id;  // classifiers with different ids share no engine
  bool self_check = true;  // compare with the file's recorded logits at opening
  // Permits TorchScript (.pt) and AOTInductor (.pt2) files, which execute code
  // of their own with all rights of the process. They run in float32.
  bool allow_code = false;
};

struct RequestOptions {
  int top_k = 1;        // how many classes to report; more than there are: all
  bool logits = false;  // also return the raw logits
  bool probabilities = false;  // also return all confidences
};

struct Prediction {
  int label_id = 0;         // index into classes()
  float confidence = 0.0f;  // after temperature and activation
};

struct Classification {
  std::vector<Prediction> top;  // descending confidence; empty unless finite
  std::vector<float> logits;    // one per class, if asked for
  std::vector<float> probabilities;  // likewise; empty unless finite
  bool finite = true;                // false: the model gave NaN or Inf
  std::int64_t latency_ns = 0;       // from submit() to the result
};

// Exactly one of the two holds: an error (Error, in the exception) or a result.
// Runs on one of the engine's threads: must not block, throw or call back into
// the classifier.
using Completion =
    std::function<void(std::exception_ptr error, Classification result)>;

struct LatencyPercentiles {
  std::int64_t p50_ns = 0;
  std::int64_t p99_ns = 0;
};

// Over the shared engine's life (counters) and its latest results (latencies).
struct Statistics {
  std::uint64_t inferred = 0;     // pictures
  std::uint64_t batches = 0;      // forward passes
  std::uint64_t not_finite = 0;   // pictures whose logits were NaN or Inf
  int queue_depth = 0;            // pictures submitted and not yet answered
  LatencyPercentiles preprocess;  // one picture, on the submitting thread
  LatencyPercentiles inference;   // one batch's forward pass
  LatencyPercentiles added;       // submit() to completion
  std::string device;             // "cpu", "cuda:0"
  Precision precision = Precision::kFp32;  // never kAuto
  int batch_size = 0;
  int workers = 0;
};

// One user's handle. Handles with equal options (but for labels_file and
// self_check) share one engine: its weights, threads and batches.
class Classifier {
 public:
  // Waits until every submitted picture has been answered.
  virtual ~Classifier() = default;

  virtual const ModelInfo& info() const = 0;
  // As info().classes, or the labels file's.
  virtual const std::vector<std::string>& classes() const = 0;
  virtual Statistics statistics() const = 0;

  // Preprocesses the picture on the calling thread, queues it and returns; the
  // pixels are not needed afterwards. done is called exactly once if submit()
  // returns, and never if it throws (Error kInvalidArgument: a picture that
  // does not hold what it says). One thread at a time per handle. Never waits
  // for inference: the caller bounds how much it has in flight.
  virtual void submit(const ImageView& image, const RequestOptions& options,
                      Completion done) = 0;

  // submit() and wait for the answer. Throws what the completion would get.
  Classification classify(const ImageView& image,
                          const RequestOptions& options = {});
};

// Opens, checks and warms the model up; takes as long as that takes. Any
// thread. Throws Error.
std::unique_ptr<Classifier> open_classifier(const ClassifierOptions& options);

// The same for callers that open this library at run time, under a name that C
// can find; the caller owns the result.
extern "C" Classifier* torchclassify_open(const ClassifierOptions& options);
inline constexpr char kOpenSymbol[] = "torchclassify_open";

}  // namespace torchclassify
