// SPDX-License-Identifier: LGPL-2.1-or-later
#include "publish_errors.h"

#include "gsttorchpublish.h"
#include "torchclassify/error.h"

#define GST_CAT_DEFAULT gst_torch_publish_debug

namespace torchclassify {

void post_publish_error(GstElement* element, const std::exception& e) {
  const auto* error = dynamic_cast<const Error*>(&e);
  switch (error ? error->code() : ErrorCode::kInternal) {
    case ErrorCode::kNotFound:
      GST_ELEMENT_ERROR(element, RESOURCE, NOT_FOUND, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kCannotWrite:
      GST_ELEMENT_ERROR(element, RESOURCE, OPEN_WRITE, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kOutOfMemory:
      GST_ELEMENT_ERROR(element, RESOURCE, NO_SPACE_LEFT, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kInvalidArgument:
      GST_ELEMENT_ERROR(element, LIBRARY, SETTINGS, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kUnsupported:
      GST_ELEMENT_ERROR(element, LIBRARY, INIT, ("%s", e.what()), (nullptr));
      break;
    default:
      GST_ELEMENT_ERROR(element, RESOURCE, FAILED, ("%s", e.what()), (nullptr));
  }
}

}  // namespace torchclassify
