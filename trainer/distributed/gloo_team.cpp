// SPDX-License-Identifier: LGPL-2.1-or-later
// A team over LibTorch's process group for CPUs.
#define USE_C10D_GLOO  // the header is empty without

#include <torch/torch.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "distributed/answer_rows.h"
#include "distributed/gradient_buckets.h"
#include "distributed/meeting.h"
#include "distributed/peer_watch.h"
#include "distributed/process_checks.h"
#include "distributed/process_team.h"
#include "engine/torch_reason.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Group = c10d::ProcessGroupGloo;
using WorkPtr = c10::intrusive_ptr<c10d::Work>;

// A process that has ended is noticed by its connections, or by its silence:
// others may be slow.
constexpr std::chrono::hours kPatience(24);
constexpr std::chrono::seconds kLook(1);  // for silence, while waiting

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

std::shared_ptr<gloo::transport::Device> network(const std::string& host) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface && *interface)
    return Group::createDeviceForInterface(interface);
  if (is_this_machine(host))
    return Group::createDeviceForHostname("127.0.0.1");
  return Group::createDefaultDevice();
}

// What goes wrong is said once, by an Error: not by LibTorch's log as well.
void quiet_log() {
  if (!std::getenv("TORCH_CPP_LOG_LEVEL"))
    FLAGS_caffe2_log_level = c10::GLOG_FATAL;
}

// A connection that the other side has closed is an error, not the end of this
// process: for the threads that are started while this lives.
class NoPipeSignals {
 public:
  NoPipeSignals() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
  }
  ~NoPipeSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoPipeSignals(const NoPipeSignals&) = delete;
  NoPipeSignals& operator=(const NoPipeSignals&) = delete;

 private:
  sigset_t before_;
};

class GlooTeam : public Team {
 public:
  explicit GlooTeam(const ProcessOptions& options);
  ~GlooTeam() override;

  int rank() const override { return options_.rank; }
  int size() const override { return options_.size; }
  void sum(std::span<double> values) override;
  void broadcast(const std::vector<torch::Tensor>& tensors) override;
  Answers gather(Answers answers) override;
  std::vector<std::string> gather(std::string bytes) override;
  void begin_gradients(const std::vector<torch::Tensor>& parameters) override;
  void finish_gradients() override;

 private:
  void wait(c10d::Work& work);
  WorkPtr start_sum(torch::Tensor& tensor);
  void broadcast_alike(const std::vector<torch::Tensor>& tensors);
  std::vector<std::int64_t> sizes_of_all(std::size_t own);
  std::vector<torch::Tensor> gather_rows(torch::Tensor rows);

  const ProcessOptions options_;
  const c10::intrusive_ptr<c10d::Store> store_;
  std::unique_ptr<PeerWatch> watch_;
  c10::intrusive_ptr<Group> group_;
  std::unique_ptr<GradientBuckets> buckets_;
  bool silent_ = false;  // somebody is gone whose connections are not closed
};

GlooTeam::GlooTeam(const ProcessOptions& options)
    : options_(options),
      store_(open_store(options, /*serve=*/true, options.join_seconds)) {
  const auto settings = Group::Options::create(kPatience);
  settings->devices.push_back(network(options.host));
  meet(*store_, options);
  const auto connect = [options] {
    return open_store(options, /*serve=*/false, options.silence_seconds / 4);
  };
  watch_ = std::make_unique<PeerWatch>(connect, options.rank, options.size,
                                       options.silence_seconds);
  group_ =
      c10::make_intrusive<Group>(store_, options.rank, options.size, settings);
}

GlooTeam::~GlooTeam() {
  if (!silent_)
    return;
  // Their threads wait for somebody who never answers.
  static_cast<void>(watch_.release());
  static_cast<void>(group_.release());
}

void GlooTeam::wait(c10d::Work& work) {
  while (true) {
    try {
      work.wait(kLook);
      return;
    } catch (const std::exception&) {
      silent_ = !work.isCompleted() && watch_->somebody_is_lost();
      if (silent_ || (work.isCompleted() && work.exception()))
        throw Error(ErrorCode::kUnreachable,
                    "another process of this training has ended");
    }
  }
}

WorkPtr GlooTeam::start_sum(torch::Tensor& tensor) {
  std::vector<torch::Tensor> tensors = {tensor};
  return group_->allreduce(tensors);
}

void GlooTeam::sum(std::span<double> values) {
  torch::Tensor sums = torch::from_blob(
      values.data(), {static_cast<std::int64_t>(values.size())},
      torch::kFloat64);
  wait(*start_sum(sums));
}

void GlooTeam::broadcast(const std::vector<torch::Tensor>& tensors) {
  std::map<torch::ScalarType, std::vector<torch::Tensor>> by_type;
  for (const torch::Tensor& tensor : tensors)
    by_type[tensor.scalar_type()].push_back(tensor);
  for (const auto& [type, alike] : by_type) broadcast_alike(alike);
}

void GlooTeam::broadcast_alike(const std::vector<torch::Tensor>& tensors) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> flat;
  std::vector<std::int64_t> sizes;
  for (const torch::Tensor& tensor : tensors) {
    flat.push_back(tensor.reshape(-1));
    sizes.push_back(tensor.numel());
  }
  std::vector<torch::Tensor> all = {torch::cat(flat)};
  wait(*group_->broadcast(all));
  const auto parts = all[0].split_with_sizes(sizes);
  for (std::size_t i = 0; i < tensors.size(); ++i)
    tensors[i].copy_(parts[i].view(tensors[i].sizes()));
}

Answers GlooTeam::gather(Answers answers) {
  const torch::NoGradGuard no_grad;
  const std::vector<std::int64_t> sizes = sizes_of_all(answers.size());
  double targets = static_cast<double>(answers.targets.size());
  sum({&targets, 1});
  const std::int64_t longest = std::ranges::max(sizes);
  if (longest == 0)
    return answers;
  AnswerRows rows = rows_of(answers, longest, /*several=*/targets > 0);
  const auto logits = gather_rows(rows.logits);
  const auto numbers = gather_rows(rows.numbers);
  const auto labels =
      targets > 0 ? gather_rows(rows.targets) : std::vector<torch::Tensor>();
  if (!leads())
    return answers;
  std::vector<AnswerRows> all;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    all.push_back({logits[i], numbers[i],
                   labels.empty() ? torch::Tensor() : labels[i],
                   static_cast<std::size_t>(sizes[i])});
  return merged(all, answers.classes);
}

std::vector<std::string> GlooTeam::gather(std::string bytes) {
  const std::vector<std::int64_t> sizes = sizes_of_all(bytes.size());
  const std::int64_t longest =
      std::max<std::int64_t>(1, std::ranges::max(sizes));
  bytes.resize(static_cast<std::size_t>(longest));
  const auto rows =
      gather_rows(torch::from_blob(bytes.data(), {longest}, torch::kUInt8));
  std::vector<std::string> all;
  for (std::size_t i = 0; i < rows.size(); ++i)
    all.emplace_back(reinterpret_cast<const char*>(rows[i].data_ptr()),
                     static_cast<std::size_t>(sizes[i]));
  return all;
}

std::vector<std::int64_t> GlooTeam::sizes_of_all(std::size_t own) {
  std::vector<double> sizes(static_cast<std::size_t>(size()));
  sizes[static_cast<std::size_t>(rank())] = static_cast<double>(own);
  sum(sizes);
  return {sizes.begin(), sizes.end()};
}

// Everybody's, at rank 0 only.
std::vector<torch::Tensor> GlooTeam::gather_rows(torch::Tensor rows) {
  std::vector<std::vector<torch::Tensor>> outputs;
  if (leads()) {
    outputs.emplace_back();
    for (int i = 0; i < size(); ++i)
      outputs[0].push_back(torch::empty_like(rows));
  }
  std::vector<torch::Tensor> inputs = {std::move(rows)};
  wait(*group_->gather(outputs, inputs));
  return leads() ? outputs[0] : std::vector<torch::Tensor>();
}

void GlooTeam::begin_gradients(const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> learning;
  std::copy_if(parameters.begin(), parameters.end(),
               std::back_inserter(learning),
               [](const auto& tensor) { return tensor.requires_grad(); });
  if (!buckets_ || !buckets_->are_of(learning)) {
    buckets_.reset();  // its hooks go before the next ones come
    buckets_ = std::make_unique<GradientBuckets>(
        learning, [this](torch::Tensor& sums) { return start_sum(sums); });
  }
  buckets_->begin();
}

void GlooTeam::finish_gradients() {
  buckets_->finish([this](c10d::Work& work) { wait(work); });
}

}  // namespace

std::unique_ptr<Team> make_team(const ProcessOptions& options) {
  check_process_options(options);
  if (options.size == 1)
    return std::make_unique<SoloTeam>();
  quiet_log();
  const NoPipeSignals no_signals;
  try {
    return std::make_unique<GlooTeam>(options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(
        ErrorCode::kUnreachable,
        "cannot connect to the other processes: " + torch_reason(error));
  }
}

}  // namespace torchclassify
