// SPDX-License-Identifier: LGPL-2.1-or-later
#include "printing.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void cannot_write(const std::string& path) {
  throw Error(ErrorCode::kCannotWrite, std::string("cannot write (") +
                                           std::strerror(errno) + "): " + path);
}

}  // namespace

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    cannot_write("standard output");
}

void finish_printing() {
  if (std::fflush(stdout) != 0)
    cannot_write("standard output");
}

}  // namespace torchclassify
