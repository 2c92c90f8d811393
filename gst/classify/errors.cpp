// SPDX-License-Identifier: LGPL-2.1-or-later
#include "errors.h"

#include "error_messages.h"

namespace torchclassify {
namespace {

constexpr ErrorMeaning kMeanings[] = {
    {ErrorCode::kNotFound, gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
    {ErrorCode::kCannotRead, gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_READ},
    {ErrorCode::kOutOfMemory, gst_resource_error_quark,
     GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {ErrorCode::kBadData, gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
    {ErrorCode::kUnsupported, gst_stream_error_quark,
     GST_STREAM_ERROR_NOT_IMPLEMENTED},
    {ErrorCode::kDeviceUnavailable, gst_library_error_quark,
     GST_LIBRARY_ERROR_INIT},
    {ErrorCode::kInvalidArgument, gst_library_error_quark,
     GST_LIBRARY_ERROR_SETTINGS},
};
constexpr ErrorMeaning kElse = {ErrorCode::kInternal, gst_stream_error_quark,
                                GST_STREAM_ERROR_FAILED};

}  // namespace

void post_error(GstElement* element, const std::exception& e) {
  post_exception(element, GST_MESSAGE_ERROR, kMeanings, kElse, e);
}

void post_warning(GstElement* element, const std::exception& e) {
  post_exception(element, GST_MESSAGE_WARNING, kMeanings, kElse, e);
}

void post_frame_error(GstElement* element, const std::exception& e) {
  post_exception(element, GST_MESSAGE_ERROR, {}, kElse, e);
}

}  // namespace torchclassify
