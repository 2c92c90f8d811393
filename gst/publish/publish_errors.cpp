// SPDX-License-Identifier: LGPL-2.1-or-later
#include "publish_errors.h"

#include "error_messages.h"

namespace torchclassify {
namespace {

constexpr ErrorMeaning kMeanings[] = {
    {ErrorCode::kNotFound, gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
    {ErrorCode::kCannotWrite, gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_WRITE},
    {ErrorCode::kOutOfMemory, gst_resource_error_quark,
     GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {ErrorCode::kInvalidArgument, gst_library_error_quark,
     GST_LIBRARY_ERROR_SETTINGS},
    {ErrorCode::kUnsupported, gst_library_error_quark, GST_LIBRARY_ERROR_INIT},
};
constexpr ErrorMeaning kElse = {ErrorCode::kInternal, gst_resource_error_quark,
                                GST_RESOURCE_ERROR_FAILED};

}  // namespace

void post_publish_error(GstElement* element, const std::exception& e) {
  post_exception(element, GST_MESSAGE_ERROR, kMeanings, kElse, e);
}

}  // namespace torchclassify
