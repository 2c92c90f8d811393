// SPDX-License-Identifier: LGPL-2.1-or-later
#include "errors.h"

#include "gsttorchclassify.h"
#include "torchclassify/error.h"

#define GST_CAT_DEFAULT gst_torch_classify_debug

namespace torchclassify {

void post_error(GstElement* element, const std::exception& e) {
  const auto* error = dynamic_cast<const Error*>(&e);
  switch (error ? error->code() : ErrorCode::kInternal) {
    case ErrorCode::kNotFound:
      GST_ELEMENT_ERROR(element, RESOURCE, NOT_FOUND, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kCannotRead:
      GST_ELEMENT_ERROR(element, RESOURCE, OPEN_READ, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kBadData:
      GST_ELEMENT_ERROR(element, STREAM, DECODE, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kUnsupported:
      GST_ELEMENT_ERROR(element, STREAM, NOT_IMPLEMENTED, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kDeviceUnavailable:
      GST_ELEMENT_ERROR(element, LIBRARY, INIT, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kInvalidArgument:
      GST_ELEMENT_ERROR(element, LIBRARY, SETTINGS, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kOutOfMemory:
      GST_ELEMENT_ERROR(element, RESOURCE, NO_SPACE_LEFT, ("%s", e.what()),
                        (nullptr));
      break;
    default:
      GST_ELEMENT_ERROR(element, STREAM, FAILED, ("%s", e.what()), (nullptr));
  }
}

void post_frame_error(GstElement* element, const std::exception& e) {
  GST_ELEMENT_ERROR(element, STREAM, FAILED, ("%s", e.what()), (nullptr));
}

}  // namespace torchclassify
