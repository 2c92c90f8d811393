// SPDX-License-Identifier: LGPL-2.1-or-later
// A borrowed picture or video frame in CPU memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace torchclassify {

// Byte order in memory, named as GStreamer's GstVideoFormat; planes come in
// GStreamer's order too (plane 1 of kYv12 is V). The x and alpha bytes are
// ignored: a picture is classified by its colours alone.
enum class PixelFormat {
  kNv12,
  kNv21,
  kI420,
  kYv12,
  kYuy2,
  kUyvy,
  kRgb,
  kBgr,
  kRgbx,
  kBgrx,
  kXrgb,
  kXbgr,
  kRgba,
  kBgra,
  kGray8,
  kP010,  // 10 bits in 16, little-endian; its upper 8 bits are what counts
};

// Y'CbCr to R'G'B' matrix, by its luma coefficients (ITU-T H.273, table 4).
// Not used for the RGB formats.
enum class ColorMatrix { kBt601, kBt709, kBt2020, kFcc, kSmpte240m };

// kLimited: luma (and kGray8) in [16, 235], chroma in [16, 240].
// Not used for the RGB formats.
enum class ColorRange { kFull, kLimited };

struct Plane {
  const std::uint8_t* data = nullptr;  // first byte of the first row
  std::ptrdiff_t stride = 0;           // bytes from one row to the next
  std::size_t size = 0;                // bytes that may be read from data on
};

// A rectangle that lies turned in a picture. Before it is turned it is upright.
struct TurnedBox {
  double center_x = 0;  // pixels; 0 is the left edge of the planes' column 0
  double center_y = 0;  // pixels; 0 is the upper edge of row 0
  double width = 0;     // pixels, above 0 and at most kMaxImageSide
  double height = 0;    // pixels, likewise
  double rotation = 0;  // radians, clockwise about the centre
};

// A picture, or a part of one: the pixels from column x and row y of the planes
// on. A chroma sample that the part shares with pixels outside of it counts.
// The owner keeps the pixels alive and unchanged for the duration of the call
// the view is passed to; nothing keeps the view.
struct ImageView {
  int x = 0;       // pixels, at least 0
  int y = 0;       // pixels, at least 0
  int width = 0;   // pixels, at least 1; x + width is at most kMaxImageSide
  int height = 0;  // pixels, at least 1; y + height likewise
  PixelFormat format = PixelFormat::kRgb;
  ColorMatrix matrix = ColorMatrix::kBt601;
  ColorRange range = ColorRange::kLimited;
  std::array<Plane, 3> planes;  // as many as the format has
  // If there is one, not the part but this is looked at, turned upright. Of the
  // part: what would be outside of it is its nearest pixel.
  std::optional<TurnedBox> turned;
};

inline constexpr int kMaxImageSide = 32768;

// Throws Error kInvalidArgument, naming the plane and the numbers, unless every
// row of every plane lies inside the plane's size and strides are not shorter
// than a row, and for what is turned other numbers than those above. Chroma of
// odd sizes is rounded up, as GStreamer does.
void check_image(const ImageView& image);

}  // namespace torchclassify
