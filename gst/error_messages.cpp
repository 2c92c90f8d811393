// SPDX-License-Identifier: LGPL-2.1-or-later
#include "error_messages.h"

#include "utf8.h"

namespace torchclassify {

void post_exception(GstElement* element, GstMessageType type,
                    std::span<const ErrorMeaning> meanings,
                    const ErrorMeaning& otherwise, const std::exception& e) {
  const auto* error = dynamic_cast<const Error*>(&e);
  const ErrorMeaning* found = &otherwise;
  for (const ErrorMeaning& meaning : meanings) {
    if (error && meaning.ours == error->code())
      found = &meaning;
  }
  gst_element_message_full(element, type, found->domain(), found->code,
                           g_strdup(valid_utf8(e.what()).c_str()), nullptr,
                           __FILE__, GST_FUNCTION, __LINE__);
}

}  // namespace torchclassify
