// SPDX-License-Identifier: LGPL-2.1-or-later
// A user's options with everything decided: what makes two users' engines one.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <tuple>

#include "torchclassify/classifier.h"

namespace torchclassify {

struct EngineOptions {
  std::string model_file;      // as the user spelt it: what errors name
  std::string canonical_file;  // its one path, and
  std::int64_t file_size = 0;  // bytes, and
  std::int64_t file_time = 0;  // ns: a file that was replaced is another model
  std::string device;          // cpu, cuda:N
  Precision precision = Precision::kFp32;  // never kAuto
  int batch_size = 1;
  int workers = 1;
  std::int64_t batch_timeout_ns = 0;
  std::string instance_id;
  bool allow_code = false;  // and the file needs it

  // All but the spelling: two of one file make one engine.
  auto identity() const {
    return std::tie(canonical_file, file_size, file_time, device, precision,
                    batch_size, workers, batch_timeout_ns, instance_id,
                    allow_code);
  }
  auto operator<=>(const EngineOptions& other) const {
    return identity() <=> other.identity();
  }
  bool operator==(const EngineOptions& other) const {
    return identity() == other.identity();
  }
};

// Throws Error: kNotFound for a model file that is not there, kInvalidArgument
// for a number out of range, kUnsupported for a file that executes code where
// that is not allowed, or is to run in another precision than fp32; and what
// resolve_device() throws.
EngineOptions decide(const ClassifierOptions& options);

}  // namespace torchclassify
