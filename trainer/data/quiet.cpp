// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/quiet.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

namespace torchclassify {
namespace {

struct State {
  std::mutex mutex;
  int users = 0;
  int saved = -1;  // the real stderr while there are users; -1: it was closed
};

State& state() {
  static State instance;
  return instance;
}

void redirect(int& saved) {
  saved = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0)
    return;
  ::dup2(nowhere, STDERR_FILENO);
  if (nowhere != STDERR_FILENO)
    ::close(nowhere);
}

void restore(int& saved) {
  if (saved < 0)
    return;
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  saved = -1;
}

}  // namespace

void quiet_ffmpeg() {
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", /*overwrite=*/0);  // AV_LOG_QUIET
}

QuietStderr::QuietStderr() {
  const std::lock_guard lock(state().mutex);
  if (state().users++ == 0)
    redirect(state().saved);
}

QuietStderr::~QuietStderr() {
  const std::lock_guard lock(state().mutex);
  if (--state().users == 0)
    restore(state().saved);
}

}  // namespace torchclassify
