// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wake_up.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {

WakeUp::WakeUp() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0)
    throw Error(ErrorCode::kInternal,
                std::string("expected a descriptor for an event, got: ") +
                    std::strerror(errno));
}

WakeUp::~WakeUp() { close(descriptor_); }

void WakeUp::call() { eventfd_write(descriptor_, 1); }

void WakeUp::wait(int other) {
  pollfd descriptors[] = {{descriptor_, POLLIN, 0}, {other, POLLIN, 0}};
  poll(descriptors, 2, -1);
  eventfd_t calls = 0;
  eventfd_read(descriptor_, &calls);
}

}  // namespace torchclassify
