// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a model takes to open, and how much memory on the way.
//   opening SMALL-MODEL-FILE MODEL-FILE
// The small model is opened first, so that LibTorch is loaded and at work.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "engine/bundle_network.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
using Clock = std::chrono::steady_clock;

// kB, from the system's account of this process.
long read_status(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  long value = 0;
  for (std::string key; status >> key;) {
    if (key == wanted)
      status >> value;
  }
  return value;
}

// From here on VmHWM is the largest resident size again.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

// The file's weights in the network, ready to compute.
void load(const std::string& path) {
  open_bundle_network({.model_file = path});
}

// The same, checked by its self-check and warmed up.
void open(const std::string& path) {
  open_classifier(
      {.model_file = path, .device = "cpu", .batch_size = 1, .workers = 1});
}

void measure(const char* what, void (*step)(const std::string&),
             const std::string& path) {
  forget_peak();
  const long before = read_status("VmRSS:");
  const auto start = Clock::now();
  step(path);
  const std::chrono::duration<double> seconds = Clock::now() - start;
  const double memory =
      1024.0 * static_cast<double>(read_status("VmHWM:") - before);
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  std::printf("%s seconds=%.3f peak_memory=%.3f (of the file's %.0f bytes)\n",
              what, seconds.count(), memory / size, size);
}

// In a process of its own: what one step leaves behind is not the other's.
void measure_apart(const char* what, void (*step)(const std::string&),
                   const std::string& small, const std::string& path) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    step(small);
    measure(what, step, path);
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0)
    throw std::runtime_error("a step failed");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: opening SMALL-MODEL-FILE MODEL-FILE\n");
    return 2;
  }
  measure_apart("loading", load, argv[1], argv[2]);
  measure_apart("opening", open, argv[1], argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "opening: %s\n", error.what());
  return 1;
}
