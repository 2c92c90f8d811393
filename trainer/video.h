// SPDX-License-Identifier: LGPL-2.1-or-later
// Video files, frame by frame.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "torchclassify/image.h"

namespace torchclassify {

struct VideoFrame {
  std::int64_t number = 0;  // from 0, in the order of presentation
  std::int64_t pts_ns = 0;  // presentation time from the start; rises
  ImageView image;          // kBgr; until the next call of the reader
};

// One thread at a time.
class VideoReader {
 public:
  // Throws Error kNotFound, kCannotRead, or kBadData for a file that does not
  // decode.
  explicit VideoReader(const std::filesystem::path& path);
  ~VideoReader();

  // The next frame; false at the end, which may come early in a broken file.
  bool next(VideoFrame& frame);
  // Passes over frames without converting them; false at the end.
  bool skip(int frames);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// By extension (.mp4 .mkv .avi .mov .webm .m4v .mpg .mpeg .ts, any case).
bool is_video_file(const std::filesystem::path& path);

}  // namespace torchclassify
