// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the decoders of other people off stderr.
#pragma once

namespace torchclassify {

// Call before other threads start and before the first video is opened: FFmpeg
// decodes on threads of its own, which print whenever they like. A user who has
// set OPENCV_FFMPEG_LOGLEVEL keeps that level.
void quiet_ffmpeg();

// While one of these lives, what the process writes to stderr vanishes:
// libjpeg, libpng and libtiff print there on their own, and cannot be told not
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
