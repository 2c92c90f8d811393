// SPDX-License-Identifier: LGPL-2.1-or-later
// The definition against recorded results, the fast path against the
// definition.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "both_paths.h"
#include "pictures.h"
#include "support/test_files.h"

using namespace torchclassify;
using support::bytes_out;
using support::fast;
using support::make_picture;
using support::Picture;
using support::reference;

namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// record.py's hash: FNV-1a of the 8-bit values, channels interleaved.
std::uint64_t hash_of(const std::vector<float>& planes, int channels) {
  const std::size_t pixels = planes.size() / static_cast<std::size_t>(channels);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const auto c = static_cast<std::size_t>(channels);
    const float value = planes[i % c * pixels + i / c] * 255;
    hash =
        (hash ^ static_cast<std::uint8_t>(std::lround(value))) * 0x100000001b3;
  }
  return hash;
}

void test_recorded_results() {
  std::ifstream file(support::test_file("preprocess/recorded.txt"));
  int width, height, channels, size, crop_width, crop_height, count = 0;
  std::string mode, interpolation, hash;
  while (file >> width >> height >> channels >> mode >> size >> crop_width >>
         crop_height >> interpolation >> hash) {
    Preprocessing to = bytes_out(channels);
    to.resize_mode =
        mode == "squash" ? ResizeMode::kSquash : ResizeMode::kShorterSide;
    to.resize_size = size;
    to.crop_width = crop_width;
    to.crop_height = crop_height;
    if (interpolation == "bicubic")
      to.interpolation = Interpolation::kBicubic;
    const Picture picture = make_picture(PixelFormat::kRgb, width, height, 5,
                                         support::recorded_value);

    const auto result = reference(picture.view, to);

    g_test_message("%dx%d %s %s", width, height, mode.c_str(),
                   interpolation.c_str());
    g_assert_cmphex(hash_of(result, channels), ==,
                    std::stoull(hash, nullptr, 16));
    ++count;
  }
  g_assert_cmpint(count, ==, 28);
}

constexpr struct Size {
  int width, height;
} kSizes[] = {{1, 1}, {2, 3}, {17, 5}, {131, 77}, {320, 241}, {1, 400}};

constexpr PixelFormat kByteFormats[] = {
    PixelFormat::kRgb,  PixelFormat::kBgr,  PixelFormat::kRgbx,
    PixelFormat::kBgrx, PixelFormat::kXrgb, PixelFormat::kXbgr,
    PixelFormat::kRgba, PixelFormat::kBgra, PixelFormat::kGray8};

constexpr ResizeMode kModes[] = {ResizeMode::kShorterSide, ResizeMode::kSquash,
                                 ResizeMode::kLetterbox};

void check_fast_bytes(const Picture& picture, ResizeMode mode, int channels) {
  Preprocessing to;
  to.resize_mode = mode;
  to.resize_size = 40;
  to.crop_width = 37;
  to.crop_height = 45;
  to.pad_value = 114;
  to.channels = channels;
  to.mean.resize(static_cast<std::size_t>(channels));
  to.std.resize(static_cast<std::size_t>(channels));
  for (const auto filter :
       {Interpolation::kBilinear, Interpolation::kBicubic}) {
    to.interpolation = filter;
    g_assert_true(
        same_bits(fast(picture.view, to), reference(picture.view, to)));
  }
}

void test_fast_bytes() {
  for (const PixelFormat format : kByteFormats)
    for (const Size size : kSizes)
      for (const ResizeMode mode : kModes)
        for (const int channels : {1, 3})
          check_fast_bytes(make_picture(format, size.width, size.height, 13,
                                        support::recorded_value),
                           mode, channels);
}

void test_tables_follow_the_picture() {
  const Preprocessing to;
  Preprocessor kept(to);
  std::vector<float> output(input_size(to));
  for (const auto format : {PixelFormat::kRgb, PixelFormat::kGray8,
                            PixelFormat::kNv12, PixelFormat::kYuy2}) {
    for (const Size size : kSizes) {
      const Picture picture = make_picture(format, size.width, size.height, 1,
                                           support::recorded_value);

      kept.run(picture.view, output.data());

      g_assert_true(same_bits(output, fast(picture.view, to)));
    }
  }
}

constexpr PixelFormat kYuvFormats[] = {PixelFormat::kNv12, PixelFormat::kNv21,
                                       PixelFormat::kI420, PixelFormat::kYv12,
                                       PixelFormat::kYuy2, PixelFormat::kUyvy};

constexpr ColorMatrix kMatrices[] = {ColorMatrix::kBt601, ColorMatrix::kBt709,
                                     ColorMatrix::kBt2020, ColorMatrix::kFcc,
                                     ColorMatrix::kSmpte240m};

// Smooth colours well inside the gamut, with texture in luma.
std::uint8_t natural_value(int component, int x, int y) {
  if (component == 0)
    return static_cast<std::uint8_t>(
        std::lround(125 + 35 * std::sin(x * 0.07 + y * 0.05) +
                    20 * std::sin(y * 0.31)) +
        (x * 7 + y * 13) % 9);
  return static_cast<std::uint8_t>(std::lround(
      128 + 16 * std::sin(x * 0.05 + component) + 8 * std::cos(y * 0.09)));
}

struct Difference {
  double largest = 0;
  double mean = 0;
};

Difference difference(const std::vector<float>& a,
                      const std::vector<float>& b) {
  Difference result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double here = 255 * std::fabs(a[i] - b[i]);
    result.largest = std::max(result.largest, here);
    result.mean += here / static_cast<double>(a.size());
  }
  return result;
}

// The definition rounds three times to 8 bits (colour, rows, columns).
void test_yuv_bound() {
  Difference worst;
  for (const PixelFormat format : kYuvFormats)
    for (const ColorMatrix matrix : kMatrices)
      for (const ColorRange range : {ColorRange::kFull, ColorRange::kLimited})
        for (const Size size : {Size{333, 251}, Size{250, 100}, Size{31, 57}})
          for (const int channels : {1, 3}) {
            Preprocessing to = bytes_out(channels);
            to.resize_size = 72;
            to.crop_width = to.crop_height = 64;
            Picture picture =
                make_picture(format, size.width, size.height, 7, natural_value);
            picture.view.matrix = matrix;
            picture.view.range = range;

            const auto here =
                difference(fast(picture.view, to), reference(picture.view, to));

            worst.largest = std::max(worst.largest, here.largest);
            worst.mean = std::max(worst.mean, here.mean);
          }
  g_test_message("largest %.3f, mean %.3f of 255", worst.largest, worst.mean);
  g_assert_cmpfloat(worst.largest, <=, 2.5);
  g_assert_cmpfloat(worst.mean, <=, 0.6);
}

void test_solid_colour() {
  Preprocessing to = bytes_out(3);
  to.crop_width = to.crop_height = 32;
  to.resize_size = 33;
  for (const PixelFormat format : kYuvFormats) {
    const Picture picture =
        make_picture(format, 101, 55, 3, [](int i, int, int) {
          return static_cast<std::uint8_t>(i == 0 ? 235 : 128);
        });

    const auto result = fast(picture.view, to);

    for (const float value : result)
      g_assert_cmpfloat_with_epsilon(value, 1.0f, 1e-5f);
    for (const float value : reference(picture.view, to))
      g_assert_cmpfloat(value, ==, 1.0f);
  }
}

void test_widest_picture() {
  const Preprocessing to;
  const Picture picture =
      make_picture(PixelFormat::kNv12, kMaxImageSide, 2, 0, natural_value);

  const auto result = fast(picture.view, to);

  g_assert_true(std::all_of(result.begin(), result.end(),
                            [](float value) { return std::isfinite(value); }));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/preprocess/the-definition-gives-pillows-recorded-bits",
                  test_recorded_results);
  g_test_add_func("/preprocess/fast-rgb-and-grey-equal-the-definition",
                  test_fast_bytes);
  g_test_add_func("/preprocess/the-tables-follow-a-changed-picture",
                  test_tables_follow_the_picture);
  g_test_add_func("/preprocess/fast-yuv-stays-near-the-definition",
                  test_yuv_bound);
  g_test_add_func("/preprocess/a-solid-colour-survives", test_solid_colour);
  g_test_add_func("/preprocess/the-widest-picture-is-taken",
                  test_widest_picture);
  return g_test_run();
}
