// SPDX-License-Identifier: LGPL-2.1-or-later
// What launchers say about the processes that they start.
#include <charconv>
#include <climits>
#include <cstdlib>
#include <optional>
#include <string>

#include "distributed/node_list.h"
#include "torchclassify/error.h"
#include "torchclassify/train/distributed.h"

namespace torchclassify {
namespace {

constexpr int kMaxPort = 65535;

// Where the ports of jobs begin; below those that systems give to clients.
constexpr int kFirstJobPort = 15000;
constexpr int kJobPorts = 10000;

// The names of a launcher's variables.
struct Launcher {
  const char* rank;
  const char* size;
  const char* local_rank;
};

constexpr Launcher kTorchrun = {"RANK", "WORLD_SIZE", "LOCAL_RANK"};
constexpr Launcher kOpenMpi = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                               "OMPI_COMM_WORLD_LOCAL_RANK"};
constexpr Launcher kMpich = {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"};
constexpr Launcher kSlurm = {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"};

// Set but empty means unset.
std::optional<std::string> text_of(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value)
    return {};
  return value;
}

std::optional<int> number_of(const char* name, int least, int most) {
  const auto text = text_of(name);
  if (!text)
    return {};
  int value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || value < least || value > most)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a number from " + std::to_string(least) + " to " +
                    std::to_string(most) + " in the environment's " + name +
                    ", got \"" + *text + "\"");
  return value;
}

[[noreturn]] void throw_missing(const std::string& name,
                                const std::string& given) {
  throw Error(ErrorCode::kInvalidArgument, "expected " + name +
                                               " in the environment beside " +
                                               given + ", got none");
}

int needed_number(const char* name, int least, int most, const char* given) {
  const auto value = number_of(name, least, most);
  if (!value)
    throw_missing(name, given);
  return *value;
}

// Nothing: the launcher has set neither.
std::optional<ProcessOptions> place_of(const Launcher& launcher) {
  const auto rank = number_of(launcher.rank, 0, INT_MAX);
  if (!rank && !text_of(launcher.size))
    return {};
  ProcessOptions options;
  options.size = needed_number(launcher.size, 1, INT_MAX, launcher.rank);
  if (!rank && options.size > 1)
    throw_missing(launcher.rank, launcher.size);
  options.rank = rank.value_or(0);
  if (options.rank >= options.size)
    throw Error(ErrorCode::kInvalidArgument,
                std::string("expected ") + launcher.rank + " below " +
                    launcher.size + " in the environment, got " +
                    std::to_string(options.rank) + " and " +
                    std::to_string(options.size));
  options.local_rank = number_of(launcher.local_rank, 0, options.size - 1)
                           .value_or(options.rank);
  return options;
}

std::optional<std::string> first_slurm_host() {
  for (const char* name : {"SLURM_JOB_NODELIST", "SLURM_NODELIST"}) {
    if (const auto nodes = text_of(name))
      return first_node(*nodes);
  }
  return {};
}

bool all_on_one_machine(const ProcessOptions& options) {
  return number_of("OMPI_COMM_WORLD_LOCAL_SIZE", 1, INT_MAX) == options.size ||
         number_of("MPI_LOCALNRANKS", 1, INT_MAX) == options.size;
}

int usual_port() {
  const auto job = number_of("SLURM_JOB_ID", 0, INT_MAX);
  return job ? kFirstJobPort + *job % kJobPorts : ProcessOptions{}.port;
}

void find_meeting_point(const Launcher& launcher, ProcessOptions& options) {
  auto host = text_of("MASTER_ADDR");
  if (!host)
    host = first_slurm_host();
  if (!host && all_on_one_machine(options))
    host = "127.0.0.1";
  if (!host)
    throw_missing("MASTER_ADDR, the first process's machine,", launcher.rank);
  options.host = *host;
  options.port = number_of("MASTER_PORT", 1, kMaxPort).value_or(usual_port());
}

ProcessOptions torchrun_place(ProcessOptions options) {
  const auto host = text_of("MASTER_ADDR");
  if (!host)
    throw_missing("MASTER_ADDR", kTorchrun.rank);
  options.host = *host;
  options.port = needed_number("MASTER_PORT", 1, kMaxPort, kTorchrun.rank);
  options.launcher_listens = text_of("TORCHELASTIC_USE_AGENT_STORE") == "True";
  options.attempt = text_of("TORCHELASTIC_RESTART_COUNT").value_or("0");
  return options;
}

}  // namespace

std::optional<ProcessOptions> processes_from_environment() {
  if (auto options = place_of(kTorchrun)) {
    if (options->size == 1)
      return {};
    return torchrun_place(*options);
  }
  // SLURM last: under mpirun, its numbers are those of the machines.
  for (const Launcher& launcher : {kOpenMpi, kMpich, kSlurm}) {
    // A shell within a job has only the number of tasks.
    if (!text_of(launcher.rank) && text_of("SLURM_JOB_ID"))
      continue;
    auto options = place_of(launcher);
    if (!options)
      continue;
    if (options->size == 1)
      return {};
    find_meeting_point(launcher, *options);
    return options;
  }
  return {};
}

}  // namespace torchclassify
