// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/stop_signals.h"

#include <csignal>

namespace torchclassify {
namespace {

volatile std::sig_atomic_t asked = 0;

void note(int) {
  asked = 1;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

StopSignals::StopSignals() {
  asked = 0;
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

StopSignals::~StopSignals() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool StopSignals::stop_asked() const { return asked != 0; }

}  // namespace torchclassify
