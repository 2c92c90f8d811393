// SPDX-License-Identifier: LGPL-2.1-or-later
// The library's errors as GStreamer's messages.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <span>

#include "torchclassify/error.h"

namespace torchclassify {

struct ErrorMeaning {
  ErrorCode ours;
  GQuark (*domain)();
  int code;
};

// One message of the type (error or warning) with what() of e, in valid UTF-8.
// otherwise: what the codes mean that are not among the meanings, and
// exceptions that are no Error; its `ours` does not count.
void post_exception(GstElement* element, GstMessageType type,
                    std::span<const ErrorMeaning> meanings,
                    const ErrorMeaning& otherwise, const std::exception& e);

}  // namespace torchclassify
