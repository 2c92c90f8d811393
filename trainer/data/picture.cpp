// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/picture.h"

#include <algorithm>
#include <span>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/file_bytes.h"
#include "data/picture_format.h"
#include "data/picture_header.h"
#include "data/quiet.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& origin) {
  throw Error(ErrorCode::kBadData, what + ": " + origin);
}

// OpenCV allocates what the header claims, so the claim is checked first.
PictureHeader checked_header(std::span<const std::uint8_t> bytes,
                             const std::string& origin) {
  const auto header = read_picture_header(bytes);
  if (!header)
    refuse("expected a JPEG, PNG, BMP, PNM, TIFF or WebP picture, got " +
               std::to_string(bytes.size()) + " bytes of something else",
           origin);
  const std::string size =
      std::to_string(header->width) + "x" + std::to_string(header->height);
  if (header->width < 1 || header->height < 1)
    refuse("expected a picture with pixels, got " + size, origin);
  if (header->width > kMaxImageSide || header->height > kMaxImageSide ||
      header->width * header->height > kMaxPixels)
    refuse("expected at most " + std::to_string(kMaxPixels) +
               " pixels and sides of at most " + std::to_string(kMaxImageSide) +
               ", got " + size,
           origin);
  if (header->problem)
    refuse(header->problem, origin);
  return *header;
}

cv::Mat decode(std::span<const std::uint8_t> bytes, const std::string& origin) {
  const QuietStderr quiet;
  try {
    const cv::Mat input(1, static_cast<int>(bytes.size()), CV_8UC1,
                        const_cast<std::uint8_t*>(bytes.data()));
    return cv::imdecode(input, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
  } catch (const std::exception&) {  // OpenCV's text names its own source lines
    refuse("expected a picture, got one that does not decode", origin);
  }
}

// As EXIF counts them: 2 to 4 mirror and turn around, 5 to 8 also swap the
// sides.
cv::Mat upright(const cv::Mat& image, int orientation) {
  constexpr int kFlips[] = {0, -2, 1, -1, 0, -2, 1, -1, 0};  // cv::flip()'s
  if (orientation < 2 || orientation > 8)
    return image;
  cv::Mat turned = image;
  if (orientation >= 5)
    cv::transpose(image, turned);
  const int flip = kFlips[orientation];
  if (flip != -2)
    cv::flip(turned, turned, flip);
  return turned;
}

// PIL keeps the high byte of 16-bit colours, but clips 16-bit grey.
void narrow_row(const std::uint16_t* from, int width, int channels,
                std::uint8_t* to) {
  const auto byte = [channels](std::uint16_t value) {
    return static_cast<std::uint8_t>(channels == 1 ? std::min<int>(value, 255)
                                                   : value >> 8);
  };
  for (int x = 0; x < width; ++x, from += channels, to += 3) {
    to[0] = byte(from[channels - 1]);
    to[1] = byte(from[channels / 2]);
    to[2] = byte(from[0]);
  }
}

// In bands: OpenCV would divide a whole picture among threads of its own, and
// there is a decoder on each processor already.
void reorder(const cv::Mat& image, cv::Mat& rgb) {
  constexpr int kBandPixels = 1 << 15;
  const int code =
      image.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB;
  const int rows = std::max(1, kBandPixels / image.cols);
  for (int y = 0; y < image.rows; y += rows) {
    const cv::Range band(y, std::min(y + rows, image.rows));
    cv::Mat target = rgb.rowRange(band);
    cv::cvtColor(image.rowRange(band), target, code);
  }
}

Picture to_rgb(const cv::Mat& image) {
  Picture picture{.width = image.cols, .height = image.rows};
  picture.pixels.resize(static_cast<std::size_t>(image.cols) * 3 *
                        static_cast<std::size_t>(image.rows));
  cv::Mat rgb(image.rows, image.cols, CV_8UC3, picture.pixels.data());
  if (image.depth() == CV_8U) {
    reorder(image, rgb);
  } else {
    for (int y = 0; y < image.rows; ++y)
      narrow_row(image.ptr<std::uint16_t>(y), image.cols, image.channels(),
                 rgb.ptr<std::uint8_t>(y));
  }
  return picture;
}

bool is_supported(const cv::Mat& image) {
  return (image.depth() == CV_8U || image.depth() == CV_16U) &&
         (image.channels() == 1 || image.channels() == 3);
}

}  // namespace

ImageView Picture::view() const {
  const std::ptrdiff_t stride = std::ptrdiff_t{width} * channels;
  ImageView view{.width = width, .height = height};
  view.format = channels == 1 ? PixelFormat::kGray8 : PixelFormat::kRgb;
  view.range = ColorRange::kFull;
  view.planes[0] = {pixels.data(), stride, pixels.size()};
  return view;
}

Picture decode_picture(const std::uint8_t* bytes, std::size_t size,
                       const std::string& origin) {
  const PictureHeader header = checked_header({bytes, size}, origin);
  const cv::Mat image = decode({bytes, size}, origin);
  if (image.empty())
    refuse("expected a picture, got one that does not decode", origin);
  if (!is_supported(image))
    refuse("expected 8 or 16 bits in grey or colour, got another kind of pixel",
           origin);
  return to_rgb(upright(image, header.orientation));
}

Picture read_picture(const std::filesystem::path& path) {
  const auto bytes = read_file_bytes(path, "a picture");
  return decode_picture(bytes.data(), bytes.size(), path.string());
}

bool is_picture_file(const std::filesystem::path& path) {
  return format_of_extension(path) != PictureFormat::kNone;
}

}  // namespace torchclassify
