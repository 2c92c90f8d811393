// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace torchclassify {
namespace {

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

const std::uint8_t* pixel(const Canvas& canvas, int x, int y) {
  x = std::clamp(x, 0, canvas.width - 1);
  y = std::clamp(y, 0, canvas.height - 1);
  return canvas.pixels +
         (static_cast<std::ptrdiff_t>(y) * canvas.width + x) * canvas.channels;
}

// Where an output pixel comes from: source = linear * (output - centre) +
// offset.
struct Placement {
  double xx = 1, xy = 0, yx = 0, yy = 1;
  double offset_x = 0, offset_y = 0;
};

Placement place(const Canvas& canvas, const AugmentOptions& options,
                KeyedRandom& random, int width, int height) {
  const auto range = static_cast<std::uint64_t>(2 * options.shift + 1);
  const double shift_x =
      static_cast<double>(random.below(range)) - options.shift;
  const double shift_y =
      static_cast<double>(random.below(range)) - options.shift;
  const double angle = random.uniform(-options.degrees, options.degrees) *
                       std::numbers::pi / 180;
  const double zoom = 1 / random.uniform(1 - options.scale, 1 + options.scale);
  const bool flip = options.flip && random.below(2) == 1;

  const double cosine = std::cos(angle) * zoom;
  const double sine = std::sin(angle) * zoom;
  Placement placement{cosine, -sine, sine, cosine, 0, 0};
  if (flip) {
    placement.xx = -placement.xx;
    placement.yx = -placement.yx;
  }
  // Whole pixels when nothing moves by fractions: as Pillow's centre crop.
  placement.offset_x =
      (width - 1) / 2.0 + shift_x + std::lround((canvas.width - width) / 2.0);
  placement.offset_y = (height - 1) / 2.0 + shift_y +
                       std::lround((canvas.height - height) / 2.0);
  return placement;
}

void sample_bilinear(const Canvas& canvas, double x, double y,
                     std::uint8_t* output) {
  const double left = std::floor(x);
  const double top = std::floor(y);
  const double fx = x - left;
  const double fy = y - top;
  const int x0 = static_cast<int>(left);
  const int y0 = static_cast<int>(top);
  const std::uint8_t* a = pixel(canvas, x0, y0);
  const std::uint8_t* b = pixel(canvas, x0 + 1, y0);
  const std::uint8_t* c = pixel(canvas, x0, y0 + 1);
  const std::uint8_t* d = pixel(canvas, x0 + 1, y0 + 1);
  for (int i = 0; i < canvas.channels; ++i)
    output[i] = to_byte((a[i] * (1 - fx) + b[i] * fx) * (1 - fy) +
                        (c[i] * (1 - fx) + d[i] * fx) * fy);
}

void sample_nearest(const Canvas& canvas, double x, double y,
                    std::uint8_t* output) {
  const std::uint8_t* source = pixel(canvas, static_cast<int>(std::lround(x)),
                                     static_cast<int>(std::lround(y)));
  std::copy_n(source, canvas.channels, output);
}

// value * gain + bias, for every byte.
void change_light(const AugmentOptions& options, KeyedRandom& random,
                  std::uint8_t* bytes, std::size_t count) {
  const double gain =
      random.uniform(1 - options.brightness, 1 + options.brightness);
  const double contrast =
      random.uniform(1 - options.contrast, 1 + options.contrast);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += bytes[i];
  const double mean = sum / static_cast<double>(count);
  std::array<std::uint8_t, 256> table;
  for (std::size_t value = 0; value < table.size(); ++value)
    table[value] =
        to_byte(((static_cast<double>(value) - mean) * contrast + mean) * gain);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = table[bytes[i]];
}

}  // namespace

void augment(const Canvas& canvas, const AugmentOptions& options,
             KeyedRandom random, int width, int height, std::uint8_t* output) {
  const Placement placement = place(canvas, options, random, width, height);
  const auto sample = options.moves() ? sample_bilinear : sample_nearest;
  std::uint8_t* next = output;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double dx = x - (width - 1) / 2.0;
      const double dy = y - (height - 1) / 2.0;
      sample(canvas, placement.xx * dx + placement.xy * dy + placement.offset_x,
             placement.yx * dx + placement.yy * dy + placement.offset_y, next);
      next += canvas.channels;
    }
  }
  if (options.brightness > 0 || options.contrast > 0)
    change_light(options, random, output,
                 static_cast<std::size_t>(next - output));
}

}  // namespace torchclassify
