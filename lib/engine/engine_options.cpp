// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/engine_options.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "engine/device.h"
#include "engine/model_kind.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr int kDefaultCudaBatchSize = 32;
constexpr std::int64_t kMaxBatchSize = 1024;
constexpr std::int64_t kMaxWorkers = 256;
constexpr std::int64_t kMaxTimeout = 60'000'000'000;  // ns

void check_range(const char* what, std::int64_t value, std::int64_t largest) {
  if (value < 0 || value > largest)
    throw Error(ErrorCode::kInvalidArgument,
                std::string("expected ") + what + " of 0 to " +
                    std::to_string(largest) + ", got " + std::to_string(value));
}

void stamp_file(const std::string& model_file, EngineOptions& options) {
  if (model_file.empty())
    throw Error(ErrorCode::kInvalidArgument, "expected a model file, got none");
  std::error_code error;
  const fs::path path = fs::canonical(model_file, error);
  if (error == std::errc::no_such_file_or_directory ||
      error == std::errc::not_a_directory)
    throw Error(ErrorCode::kNotFound,
                "expected a model file, found none: " + model_file);
  if (error)
    throw Error(
        ErrorCode::kCannotRead,
        "cannot read the model file: " + error.message() + ": " + model_file);
  if (!fs::is_regular_file(path, error))
    throw Error(ErrorCode::kCannotRead,
                "expected a model file, found something else: " + model_file);
  // A file that goes away meanwhile is missed when it is opened.
  options.model_file = model_file;
  options.canonical_file = path.string();
  options.file_size = static_cast<std::int64_t>(fs::file_size(path, error));
  options.file_time =
      fs::last_write_time(path, error).time_since_epoch().count();
}

// Code brings its own number formats: it is given float32, as it was written.
void decide_code(const ClassifierOptions& options, EngineOptions& decided) {
  const ModelKind kind = model_kind(options.model_file);
  check_code_allowed(kind, options.allow_code, options.model_file);
  if (kind == ModelKind::kBundle)
    return;
  if (options.precision != Precision::kAuto &&
      options.precision != Precision::kFp32)
    throw Error(ErrorCode::kUnsupported,
                "expected the precision auto or fp32 for a model that is code, "
                "got half precision: " +
                    options.model_file);
  decided.precision = Precision::kFp32;
  decided.allow_code = true;
}

// Several single-threaded workers share a few cores with decoders better than
// one worker with a thread team, whose members wait for the slowest.
int default_workers(const torch::Device& device) {
  const unsigned cores = std::thread::hardware_concurrency();
  return device.is_cpu() ? static_cast<int>(std::max(1u, cores)) : 1;
}

}  // namespace

EngineOptions decide(const ClassifierOptions& options) {
  check_range("a batch size", options.batch_size, kMaxBatchSize);
  check_range("a number of workers", options.workers, kMaxWorkers);
  check_range("a batch timeout in ns", options.batch_timeout_ns, kMaxTimeout);
  EngineOptions decided;
  stamp_file(options.model_file, decided);
  const torch::Device device = resolve_device(options.device);
  decided.device = device.str();
  decided.precision = resolve_precision(options.precision, device);
  decided.batch_size = options.batch_size > 0 ? options.batch_size
                       : device.is_cpu()      ? 1
                                              : kDefaultCudaBatchSize;
  decided.workers =
      options.workers > 0 ? options.workers : default_workers(device);
  decided.batch_timeout_ns = options.batch_timeout_ns;
  decided.instance_id = options.instance_id;
  decide_code(options, decided);
  return decided;
}

}  // namespace torchclassify
