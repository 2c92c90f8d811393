// SPDX-License-Identifier: LGPL-2.1-or-later
// Built where GStreamer has no GstAnalyticsBatchMeta: no caps admit a batch.
#include "batch.h"

#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {

bool have_batches() { return false; }

Batch::Batch(BufferPtr) {
  throw Error(ErrorCode::kUnsupported,
              "expected GStreamer 1.28 or newer for batches");
}

guint Batch::streams() const { return 0; }

std::vector<Batch::Entry> Batch::entries(guint) const { return {}; }

BufferPtr Batch::take(const Place&) { return nullptr; }

void Batch::put(const Place&, BufferPtr) {}

BufferPtr Batch::container() const { return nullptr; }

}  // namespace torchclassify
