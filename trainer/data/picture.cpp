// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/picture.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "data/picture_header.h"
#include "data/quiet.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Beyond this a file is no picture of kMaxPixels, whatever its format.
constexpr std::uintmax_t kMaxFileBytes = 1'000'000'000;

[[noreturn]] void refuse(const std::string& what, const std::string& origin) {
  throw Error(ErrorCode::kBadData, what + ": " + origin);
}

// OpenCV allocates what the header claims, so the claim is checked first.
void check_header(std::span<const std::uint8_t> bytes,
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

// PIL keeps the high byte of 16-bit colours, but clips 16-bit grey.
std::uint8_t to_byte(std::uint16_t value, int channels) {
  if (channels == 1)
    return static_cast<std::uint8_t>(std::min<int>(value, 255));
  return static_cast<std::uint8_t>(value >> 8);
}
std::uint8_t to_byte(std::uint8_t value, int) { return value; }

// Grey or BGR to RGB.
template <typename Value>
void copy_row(const Value* from, int width, int channels, std::uint8_t* to) {
  for (int x = 0; x < width; ++x, from += channels, to += 3) {
    to[0] = to_byte(from[channels - 1], channels);
    to[1] = to_byte(from[channels / 2], channels);
    to[2] = to_byte(from[0], channels);
  }
}

Picture to_rgb(const cv::Mat& image) {
  Picture picture{.width = image.cols, .height = image.rows};
  const std::size_t row = static_cast<std::size_t>(image.cols) * 3;
  picture.pixels.resize(row * static_cast<std::size_t>(image.rows));
  for (int y = 0; y < image.rows; ++y) {
    std::uint8_t* to =
        picture.pixels.data() + row * static_cast<std::size_t>(y);
    if (image.depth() == CV_8U)
      copy_row(image.ptr<std::uint8_t>(y), image.cols, image.channels(), to);
    else
      copy_row(image.ptr<std::uint16_t>(y), image.cols, image.channels(), to);
  }
  return picture;
}

bool is_supported(const cv::Mat& image) {
  return (image.depth() == CV_8U || image.depth() == CV_16U) &&
         (image.channels() == 1 || image.channels() == 3);
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw Error(ErrorCode::kNotFound,
                "expected a picture, found nothing: " + path.string());
  if (!std::filesystem::is_regular_file(status))
    throw Error(ErrorCode::kCannotRead,
                "expected a picture, got no regular file: " + path.string());
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? std::streamoff(file.tellg()) : -1;
  if (size < 0)
    throw Error(ErrorCode::kCannotRead, std::string("cannot open (") +
                                            std::strerror(errno) +
                                            "): " + path.string());
  if (static_cast<std::uintmax_t>(size) > kMaxFileBytes)
    refuse("expected a picture of at most " + std::to_string(kMaxFileBytes) +
               " bytes, got " + std::to_string(size),
           path.string());
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!file)
    throw Error(ErrorCode::kCannotRead,
                "reading ended early: " + path.string());
  return bytes;
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
  check_header({bytes, size}, origin);
  const cv::Mat image = decode({bytes, size}, origin);
  if (image.empty())
    refuse("expected a picture, got one that does not decode", origin);
  if (!is_supported(image))
    refuse("expected 8 or 16 bits in grey or colour, got another kind of pixel",
           origin);
  return to_rgb(image);
}

Picture read_picture(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_bytes(path);
  return decode_picture(bytes.data(), bytes.size(), path.string());
}

bool is_picture_file(const std::filesystem::path& path) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                      ".pgm", ".tif",  ".tiff", ".webp"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) !=
         kExtensions.end();
}

}  // namespace torchclassify
