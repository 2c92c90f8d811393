// SPDX-License-Identifier: LGPL-2.1-or-later
// The one exception type that crosses the library's API.
#pragma once

#include <stdexcept>
#include <string>

namespace torchclassify {

enum class ErrorCode {
  kInvalidArgument,    // the caller's value is outside the contract
  kNotFound,           // a file or name that does not exist
  kCannotRead,         // exists, but reading failed
  kCannotWrite,        // no room, no permission, vanished directory
  kBadData,            // a file whose content breaks its format
  kUnsupported,        // well-formed, but not something this version does
  kDeviceUnavailable,  // the device or its runtime library is absent
  kOutOfMemory,        // on the host or the device
  kInternal,           // a broken promise of our own or of LibTorch
  kUnreachable,        // a server that does not answer or stops: try again
  kInterrupted,        // stopped when asked to, and goes on where it was
};

// what() is one sentence: what was expected, what came, and the path of the
// file concerned, if any. Lower-case, no full stop.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace torchclassify
