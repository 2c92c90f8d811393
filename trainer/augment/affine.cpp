// SPDX-License-Identifier: LGPL-2.1-or-later
// Pillow: src/libImaging/Geometry.c, Image.rotate; torchvision:
// functional._get_inverse_affine_matrix.
#include "augment/affine.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace torchclassify {
namespace {

// Python's round(value, 15): the nearest number of 15 decimals.
double round_to_15_decimals(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, /*precision=*/15);
  std::from_chars(text.data(), end.ptr, value);
  return value;
}

int floor_of(double value) {
  return static_cast<int>(value < 0 ? std::floor(value) : value);
}

int truncated(double value) { return value < 0 ? -1 : static_cast<int>(value); }

template <int kChannels>
void copy_pixel(const Picture& from, int x, int y, std::uint8_t* to) {
  if (x < 0 || x >= from.width || y < 0 || y >= from.height)
    return;
  const std::uint8_t* const source =
      from.pixels.data() +
      (static_cast<std::ptrdiff_t>(y) * from.width + x) * kChannels;
  for (int i = 0; i < kChannels; ++i) to[i] = source[i];
}

// Without rotation Pillow adds up positions in floating point.
template <int kChannels>
void scale_nearest(const Picture& from, const AffineMatrix& m, Picture& to) {
  std::uint8_t* output = to.pixels.data();
  double y = m[5] + m[4] * 0.5;
  for (int row = 0; row < to.height; ++row, y += m[4]) {
    double x = m[2] + m[0] * 0.5;
    const int source_y = truncated(y);
    for (int column = 0; column < to.width; ++column, x += m[0]) {
      copy_pixel<kChannels>(from, truncated(x), source_y, output);
      output += kChannels;
    }
  }
}

// The same without a change of size: whole rows.
void translate_nearest(const Picture& from, const AffineMatrix& m,
                       Picture& to) {
  const int shift_x = floor_of(m[2] + 0.5);
  const int shift_y = floor_of(m[5] + 0.5);
  const int begin = std::clamp(-shift_x, 0, to.width);
  const int end = std::clamp(to.width - shift_x, begin, to.width);
  const std::ptrdiff_t channels = from.channels;
  const std::ptrdiff_t stride = from.width * channels;
  for (int y = std::max(0, -shift_y);
       y < std::min(to.height, to.height - shift_y); ++y)
    std::copy_n(from.pixels.data() + (y + shift_y) * stride +
                    (begin + shift_x) * channels,
                (end - begin) * channels,
                to.pixels.data() + y * stride + begin * channels);
}

// Positions in 16.16 fixed point, as long as they fit.
struct FixedMatrix {
  explicit FixedMatrix(const AffineMatrix& m)
      : xx(fixed(m[0])),
        xy(fixed(m[1])),
        x(fixed(m[2] + m[0] * 0.5 + m[1] * 0.5)),
        yx(fixed(m[3])),
        yy(fixed(m[4])),
        y(fixed(m[5] + m[3] * 0.5 + m[4] * 0.5)) {}

  static std::int64_t fixed(double value) {
    return floor_of(value * 65536.0 + 0.5);
  }

  std::int64_t xx, xy, x, yx, yy, y;
};

bool fits_fixed(const AffineMatrix& m, int width, int height) {
  for (const int x : {0, width}) {
    for (const int y : {0, height}) {
      if (std::fabs(x * m[0] + y * m[1] + m[2]) >= 32768 ||
          std::fabs(x * m[3] + y * m[4] + m[5]) >= 32768)
        return false;
    }
  }
  return true;
}

template <int kChannels>
void fixed_nearest(const Picture& from, const AffineMatrix& m, Picture& to) {
  FixedMatrix f(m);
  const auto inside = [&](std::int64_t column) {
    const std::int64_t x = (f.x + column * f.xx) >> 16;
    const std::int64_t y = (f.y + column * f.yx) >> 16;
    return x >= 0 && x < from.width && y >= 0 && y < from.height;
  };
  for (int row = 0; row < to.height; ++row, f.x += f.xy, f.y += f.yy) {
    // A line crosses the picture once, so only its ends need looking for.
    int begin = 0;
    int end = to.width;
    while (begin < end && !inside(begin)) ++begin;
    while (end > begin && !inside(end - 1)) --end;
    std::int64_t x = f.x + begin * f.xx;
    std::int64_t y = f.y + begin * f.yx;
    std::uint8_t* output =
        to.pixels.data() +
        (static_cast<std::ptrdiff_t>(row) * to.width + begin) * kChannels;
    for (int column = begin; column < end; ++column) {
      const std::uint8_t* const source =
          from.pixels.data() + ((y >> 16) * from.width + (x >> 16)) * kChannels;
      for (int i = 0; i < kChannels; ++i) output[i] = source[i];
      output += kChannels;
      x += f.xx;
      y += f.yx;
    }
  }
}

template <int kChannels>
void float_nearest(const Picture& from, const AffineMatrix& m, Picture& to) {
  std::uint8_t* output = to.pixels.data();
  double row_x = m[2] + m[0] * 0.5 + m[1] * 0.5;
  double row_y = m[5] + m[3] * 0.5 + m[4] * 0.5;
  for (int row = 0; row < to.height; ++row, row_x += m[1], row_y += m[4]) {
    double x = row_x;
    double y = row_y;
    for (int column = 0; column < to.width; ++column, x += m[0], y += m[3]) {
      copy_pixel<kChannels>(from, truncated(x), truncated(y), output);
      output += kChannels;
    }
  }
}

template <int kChannels>
void nearest(const Picture& from, const AffineMatrix& m, Picture& to) {
  std::fill(to.pixels.begin(), to.pixels.end(), std::uint8_t{0});
  if (m == AffineMatrix{1, 0, m[2], 0, 1, m[5]})
    translate_nearest(from, m, to);
  else if (m[1] == 0 && m[3] == 0)
    scale_nearest<kChannels>(from, m, to);
  else if (fits_fixed(m, from.width, from.height))
    fixed_nearest<kChannels>(from, m, to);
  else
    float_nearest<kChannels>(from, m, to);
}

// The four pixels around a position and the shares of the right and lower ones.
struct Neighbours {
  std::ptrdiff_t left, right;   // bytes into a row
  std::ptrdiff_t upper, lower;  // bytes into the picture
  double share_x, share_y;
};

template <int kChannels>
void blend(const std::uint8_t* pixels, const Neighbours& at,
           std::uint8_t* output) {
  const std::uint8_t* const upper = pixels + at.upper;
  const std::uint8_t* const lower = pixels + at.lower;
  for (int i = 0; i < kChannels; ++i) {
    const int a = upper[at.left + i];
    const int b = lower[at.left + i];
    const double top = a + (upper[at.right + i] - a) * at.share_x;
    const double bottom = b + (lower[at.right + i] - b) * at.share_x;
    output[i] = static_cast<std::uint8_t>(top + (bottom - top) * at.share_y);
  }
}

template <int kChannels>
void bilinear(const Picture& from, const AffineMatrix& m, Border border,
              Picture& to) {
  std::uint8_t* output = to.pixels.data();
  // Inside, neighbours beyond the edge are the edge's own pixels.
  const Border beyond = border == Border::kBlack ? Border::kEdge : border;
  const auto neighbour = [&](int position, int size) {
    return position >= 0 && position < size
               ? position
               : border_index(position, size, beyond);
  };
  for (int row = 0; row < to.height; ++row) {
    for (int column = 0; column < to.width; ++column, output += kChannels) {
      const double x = m[0] * (column + 0.5) + m[1] * (row + 0.5) + m[2];
      const double y = m[3] * (column + 0.5) + m[4] * (row + 0.5) + m[5];
      if (border == Border::kBlack &&
          (x < 0 || x >= from.width || y < 0 || y >= from.height)) {
        std::fill_n(output, kChannels, std::uint8_t{0});
        continue;
      }
      const int left = floor_of(x - 0.5);
      const int upper = floor_of(y - 0.5);
      const std::ptrdiff_t stride =
          static_cast<std::ptrdiff_t>(from.width) * kChannels;
      blend<kChannels>(from.pixels.data(),
                       {neighbour(left, from.width) * kChannels,
                        neighbour(left + 1, from.width) * kChannels,
                        neighbour(upper, from.height) * stride,
                        neighbour(upper + 1, from.height) * stride,
                        (x - 0.5) - left, (y - 0.5) - upper},
                       output);
    }
  }
}

}  // namespace

int border_index(int position, int size, Border border) {
  if (position >= 0 && position < size)
    return position;
  if (border == Border::kBlack)
    return -1;
  if (border == Border::kEdge || size == 1)
    return std::clamp(position, 0, size - 1);
  const int period = 2 * (size - 1);
  const int phase = ((position % period) + period) % period;
  return phase < size ? phase : period - phase;
}

AffineMatrix affine_matrix(const AffineChange& change, double centre_x,
                           double centre_y) {
  const auto radians = [](double degrees) {
    return degrees * (std::numbers::pi / 180.0);
  };
  const double turn = radians(change.degrees);
  const double shear_x = radians(change.shear_x);
  const double shear_y = radians(change.shear_y);
  const double a = std::cos(turn - shear_y) / std::cos(shear_y);
  const double b =
      -std::cos(turn - shear_y) * std::tan(shear_x) / std::cos(shear_y) -
      std::sin(turn);
  const double c = std::sin(turn - shear_y) / std::cos(shear_y);
  const double d =
      -std::sin(turn - shear_y) * std::tan(shear_x) / std::cos(shear_y) +
      std::cos(turn);
  AffineMatrix m = {d / change.scale,  -b / change.scale, 0,
                    -c / change.scale, a / change.scale,  0};
  const double back_x = -centre_x - change.translate_x;
  const double back_y = -centre_y - change.translate_y;
  m[2] += m[0] * back_x + m[1] * back_y;
  m[5] += m[3] * back_x + m[4] * back_y;
  m[2] += centre_x;
  m[5] += centre_y;
  return m;
}

void affine(const Picture& from, const AffineMatrix& matrix,
            SampleKind sampling, Border border, Picture& to) {
  to.width = from.width;
  to.height = from.height;
  to.channels = from.channels;
  to.pixels.resize(from.pixels.size());
  if (sampling == SampleKind::kNearest)
    from.channels == 3 ? nearest<3>(from, matrix, to)
                       : nearest<1>(from, matrix, to);
  else
    from.channels == 3 ? bilinear<3>(from, matrix, border, to)
                       : bilinear<1>(from, matrix, border, to);
}

void rotate(const Picture& from, double degrees, SampleKind sampling,
            Picture& to) {
  degrees = std::fmod(degrees, 360.0);
  if (degrees < 0)
    degrees += 360.0;
  const double turn = -(degrees * (std::numbers::pi / 180.0));
  const double cosine = round_to_15_decimals(std::cos(turn));
  const double sine = round_to_15_decimals(std::sin(turn));
  AffineMatrix m = {cosine, sine, 0, round_to_15_decimals(-std::sin(turn)),
                    cosine, 0};
  const double centre_x = from.width / 2.0;
  const double centre_y = from.height / 2.0;
  m[2] = m[0] * -centre_x + m[1] * -centre_y + 0.0 + centre_x;
  m[5] = m[3] * -centre_x + m[4] * -centre_y + 0.0 + centre_y;
  affine(from, m, sampling, Border::kBlack, to);
}

}  // namespace torchclassify
