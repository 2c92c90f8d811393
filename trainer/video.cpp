// SPDX-License-Identifier: LGPL-2.1-or-later
#include "video.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "data/lower_case.h"
#include "data/quiet.h"
#include "torchclassify/error.h"

namespace torchclassify {

struct VideoReader::Impl {
  cv::VideoCapture capture;
  cv::Mat pixels;
  std::int64_t next_number = 0;
  std::int64_t last_pts_ns = -1;

  // One decoding step; OpenCV's exceptions count as the end.
  bool grab() {
    const QuietStderr quiet;
    try {
      if (!capture.grab())
        return false;
    } catch (const cv::Exception&) {
      return false;
    }
    ++next_number;
    last_pts_ns = read_pts();
    return true;
  }

 private:
  // OpenCV says 0 for the frames that are left in the decoder at the end, and
  // nonsense for a file without times: then one frame after the last one.
  std::int64_t read_pts() const {
    constexpr double kLongest = 1e12;  // ms; fits in 64 bits of ns
    const double ms = capture.get(cv::CAP_PROP_POS_MSEC);
    const std::int64_t pts =
        ms >= 0 && ms < kLongest ? std::llround(ms * 1e6) : -1;
    if (pts > last_pts_ns)
      return pts;
    const double rate = capture.get(cv::CAP_PROP_FPS);
    const double frame = rate > 0 && rate < 1e6 ? 1e9 / rate : 1;
    return last_pts_ns < 0 ? 0 : last_pts_ns + std::llround(frame);
  }
};

VideoReader::VideoReader(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>()) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw Error(ErrorCode::kNotFound,
                "expected a video, found nothing: " + path.string());
  if (!std::filesystem::is_regular_file(path, error))  // a pipe would block
    throw Error(ErrorCode::kCannotRead,
                "expected a video, got no regular file: " + path.string());
  const QuietStderr quiet;
  bool opened = false;
  try {
    // Only FFmpeg: GStreamer's backend would start pipelines of its own.
    opened = impl_->capture.open(path.string(), cv::CAP_FFMPEG);
  } catch (const cv::Exception&) {
  }
  if (!opened)
    throw Error(ErrorCode::kBadData,
                "expected a video, got a file that does not open as one: " +
                    path.string());
}

VideoReader::~VideoReader() {
  const QuietStderr quiet;
  impl_.reset();
}

bool VideoReader::next(VideoFrame& frame) {
  if (!impl_->grab())
    return false;
  const QuietStderr quiet;
  cv::Mat& pixels = impl_->pixels;
  if (!impl_->capture.retrieve(pixels) || pixels.type() != CV_8UC3)
    return false;
  frame.number = impl_->next_number - 1;
  frame.pts_ns = impl_->last_pts_ns;
  frame.image = {.width = pixels.cols, .height = pixels.rows};
  frame.image.format = PixelFormat::kBgr;
  frame.image.range = ColorRange::kFull;
  frame.image.planes[0] = {
      pixels.data, static_cast<std::ptrdiff_t>(pixels.step[0]),
      pixels.step[0] * static_cast<std::size_t>(pixels.rows)};
  return true;
}

bool VideoReader::skip(int frames) {
  for (int i = 0; i < frames; ++i) {
    if (!impl_->grab())
      return false;
  }
  return true;
}

bool is_video_file(const std::filesystem::path& path) {
  constexpr std::array kExtensions = {".mp4", ".mkv", ".avi",  ".mov", ".webm",
                                      ".m4v", ".mpg", ".mpeg", ".ts"};
  const std::string extension = lower_case(path.extension().string());
  return std::find(kExtensions.begin(), kExtensions.end(), extension) !=
         kExtensions.end();
}

}  // namespace torchclassify
