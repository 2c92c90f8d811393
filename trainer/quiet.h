// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the decoders of other people off stderr.
#pragma once

namespace torchclassify {

// While one of these lives, what the process writes to stderr vanishes:
// libjpeg, libpng and FFmpeg print there on their own, and cannot be told not
// to through OpenCV. Any thread; they may overlap. Ours never writes there
// meanwhile: one line at the end of the program is all.
class QuietStderr {
 public:
  QuietStderr();
  ~QuietStderr();
  QuietStderr(const QuietStderr&) = delete;
  QuietStderr& operator=(const QuietStderr&) = delete;
};

}  // namespace torchclassify
