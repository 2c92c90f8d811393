// SPDX-License-Identifier: LGPL-2.1-or-later
// A model that is open, and what does not change while it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "torchclassify/classifier.h"

namespace torchclassify {

struct OpenModel {
  std::unique_ptr<Classifier> classifier;
  std::uint64_t serial = 0;           // no other model of the process has it
  std::string name;                   // the model file's stem
  std::string file;                   // as the user spelt it
  std::int64_t batch_timeout_ns = 0;  // that it was opened with
  int batches = 1;                    // computed at the same time, at most
  int batch_size = 1;                 // of the largest batch, pictures
};

// Frames keep the model that they were submitted to.
using ModelPtr = std::shared_ptr<const OpenModel>;

}  // namespace torchclassify
