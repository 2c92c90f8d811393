// SPDX-License-Identifier: LGPL-2.1-or-later
#include "errors.h"

#include "torchclassify/error.h"
#include "utf8.h"

namespace torchclassify {
namespace {

struct Meaning {
  ErrorCode ours;
  GQuark (*domain)();
  int code;
};
constexpr Meaning kMeanings[] = {
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
constexpr Meaning kElse = {ErrorCode::kInternal, gst_stream_error_quark,
                           GST_STREAM_ERROR_FAILED};

const Meaning& meaning_of(const std::exception& e) {
  const auto* error = dynamic_cast<const Error*>(&e);
  for (const Meaning& meaning : kMeanings) {
    if (error && meaning.ours == error->code())
      return meaning;
  }
  return kElse;
}

void post(GstElement* element, GstMessageType type, const Meaning& meaning,
          const std::exception& e) {
  gst_element_message_full(element, type, meaning.domain(), meaning.code,
                           g_strdup(valid_utf8(e.what()).c_str()), nullptr,
                           __FILE__, GST_FUNCTION, __LINE__);
}

}  // namespace

void post_error(GstElement* element, const std::exception& e) {
  post(element, GST_MESSAGE_ERROR, meaning_of(e), e);
}

void post_warning(GstElement* element, const std::exception& e) {
  post(element, GST_MESSAGE_WARNING, meaning_of(e), e);
}

void post_frame_error(GstElement* element, const std::exception& e) {
  post(element, GST_MESSAGE_ERROR, kElse, e);
}

}  // namespace torchclassify
