// SPDX-License-Identifier: LGPL-2.1-or-later
// Checks that a call throws the library's Error.
#pragma once

#include <glib.h>

#include <cstring>

#include "torchclassify/error.h"

namespace support {

// The call must throw Error with this code and a message that contains each of
// the words; the message must follow the house form (no full stop at the end).
template <typename Call, typename... Words>
void expect_error(torchclassify::ErrorCode code, Call&& call, Words... words) {
  try {
    call();
  } catch (const torchclassify::Error& error) {
    const std::string message = error.what();
    g_test_message("got: %s", message.c_str());
    g_assert_cmpint(static_cast<int>(error.code()), ==, static_cast<int>(code));
    for (const char* word :
         {static_cast<const char*>(words)..., static_cast<const char*>("")}) {
      if (!std::strstr(message.c_str(), word))
        g_error("the message \"%s\" lacks \"%s\"", message.c_str(), word);
    }
    g_assert_false(message.ends_with("."));
    return;
  }
  g_error("expected an Error, none came");
}

}  // namespace support
