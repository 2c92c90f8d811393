// SPDX-License-Identifier: LGPL-2.1-or-later
// How processes find each other: a store of keys that one of them, or their
// launcher, serves.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "torchclassify/train/distributed.h"

namespace torchclassify {

// serve: be the store, where this process is to. Throws Error kUnreachable when
// there is none within the seconds.
c10::intrusive_ptr<c10d::Store> open_store(const ProcessOptions& options,
                                           bool serve, double seconds);

// Counts this process once at its beat_key() and waits for the others to.
// Throws Error kUnreachable naming who has not come, kInvalidArgument when
// another process has the same rank.
void meet(c10d::Store& store, const ProcessOptions& options);

}  // namespace torchclassify
