// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/contact_sheet.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "data/picture_mat.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr int kMargin = 4;  // pixels
const cv::Scalar kWhite(255, 255, 255);
const cv::Scalar kGrey(128, 128, 128);

void require(bool holds, const std::string& message) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument, message);
}

void check_sheet(const std::vector<AugmentedPicture>& pictures,
                 std::int64_t width, std::int64_t height, int channels,
                 int columns) {
  require(!pictures.empty() && width > 0 && height > 0 && columns > 0 &&
              (channels == 1 || channels == 3),
          "expected pictures of 1 or 3 channels for a contact sheet");
  const auto rows = static_cast<std::int64_t>(
      (pictures.size() + static_cast<std::size_t>(columns) - 1) /
      static_cast<std::size_t>(columns));
  require((width + kMargin) * columns + kMargin <= kMaxImageSide &&
              (height + kMargin) * rows + kMargin <= kMaxImageSide,
          "expected a contact sheet of at most " +
              std::to_string(kMaxImageSide) + " pixels a side");
  const auto bytes = static_cast<std::size_t>(width * height * channels);
  for (const AugmentedPicture& picture : pictures)
    require(picture.pixels.size() == bytes,
            "expected a picture of " + std::to_string(bytes) + " bytes, got " +
                std::to_string(picture.pixels.size()));
}

// OpenCV keeps colours as BGR.
void draw(const AugmentedPicture& picture, int channels, cv::Mat place) {
  cv::cvtColor(as_mat(picture.pixels, place.cols, place.rows, channels), place,
               channels == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_GRAY2BGR);
  if (const auto& erased = picture.erased)
    cv::rectangle(place,
                  cv::Rect(erased->x, erased->y, erased->width, erased->height),
                  kGrey, cv::FILLED);
}

}  // namespace

std::vector<std::uint8_t> contact_sheet_png(
    const std::vector<AugmentedPicture>& pictures, int width, int height,
    int channels, int columns) try {
  check_sheet(pictures, width, height, channels, columns);
  const int count = static_cast<int>(pictures.size());
  const int rows = (count + columns - 1) / columns;
  cv::Mat sheet((height + kMargin) * rows + kMargin,
                (width + kMargin) * columns + kMargin, CV_8UC3, kWhite);
  for (int i = 0; i < count; ++i)
    draw(pictures[static_cast<std::size_t>(i)], channels,
         sheet(cv::Rect(kMargin + (i % columns) * (width + kMargin),
                        kMargin + (i / columns) * (height + kMargin), width,
                        height)));
  std::vector<std::uint8_t> png;
  cv::imencode(".png", sheet, png);
  return png;
} catch (const cv::Exception& error) {
  throw Error(ErrorCode::kInvalidArgument,
              "expected a contact sheet that can be encoded: " + error.err);
}

}  // namespace torchclassify
