// SPDX-License-Identifier: LGPL-2.1-or-later
// Turned rectangles are looked at upright.
#include <glib.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "both_paths.h"
#include "pictures.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using namespace torchclassify;
using support::bytes_of;
using support::fast;
using support::Format;
using support::kFormats;
using support::make_picture;
using support::Picture;
using support::reference;
using support::soft_value;

namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kWidth = 61;
constexpr int kHeight = 47;

int byte_at(const std::vector<float>& planes, const Preprocessing& to,
            int channel, int x, int y) {
  const int index = (channel * to.crop_height + y) * to.crop_width + x;
  return static_cast<int>(
      std::lround(planes[static_cast<std::size_t>(index)] * 255));
}

// A line: centre, size and degrees, then R G B of each pixel.
void test_pillow_s_recorded_pixels(void) {
  std::ifstream file(support::test_file("preprocess/turned.txt"));
  const Picture picture = make_picture(PixelFormat::kRgb, kWidth, kHeight, 5,
                                       support::recorded_value);
  int count = 0;
  for (int width, height; file >> width >> height; ++count) {
    double center_x, center_y, degrees;
    file >> center_x >> center_y >> degrees;
    ImageView view = picture.view;
    view.turned = TurnedBox{center_x, center_y, static_cast<double>(width),
                            static_cast<double>(height), degrees * kPi / 180};
    const Preprocessing to = bytes_of(width, height);

    const auto result = reference(view, to);

    g_test_message("%dx%d by %g", width, height, degrees);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        for (int channel = 0; channel < 3; ++channel) {
          int expected = -1;
          file >> expected;
          g_assert_cmpint(byte_at(result, to, channel, x, y), ==, expected);
        }
      }
    }
  }
  g_assert_cmpint(count, ==, 6);
}

// Middles of pixels fall on middles of pixels.
void test_quarters_move_pixels(gconstpointer data) {
  const auto& c = *static_cast<const Format*>(data);
  const Picture picture =
      make_picture(c.format, kWidth, kHeight, 5, soft_value);
  ImageView view = picture.view;
  const Preprocessing whole = bytes_of(kWidth, kHeight);
  const auto plain = reference(view, whole);
  constexpr int kSide = 20;
  const Preprocessing to = bytes_of(kSide, kSide);

  for (int quarter = 0; quarter < 4; ++quarter) {
    view.turned = TurnedBox{30, 20, kSide, kSide, quarter * kPi / 2};
    const auto turned = reference(view, to);

    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const int mirrored_x = kSide - 1 - x;
        const int mirrored_y = kSide - 1 - y;
        const int from_x[] = {x, mirrored_y, mirrored_x, y};
        const int from_y[] = {y, x, mirrored_y, mirrored_x};
        for (int channel = 0; channel < 3; ++channel) {
          const int expected =
              byte_at(plain, whole, channel, 20 + from_x[quarter],
                      10 + from_y[quarter]);
          const int got = byte_at(turned, to, channel, x, y);
          // Pillow cuts off what is behind the point: 41.999 is 41.
          g_assert_cmpint(std::abs(got - expected), <=, 1);
        }
      }
    }
  }
}

void test_the_fast_path_gives_the_same_bits(gconstpointer data) {
  const auto& c = *static_cast<const Format*>(data);
  const Picture picture =
      make_picture(c.format, kWidth, kHeight, 5, soft_value);
  for (const int channels : {1, 3}) {
    const Preprocessing to = bytes_of(16, 12, channels);
    for (int i = 0; i < 40; ++i) {
      ImageView view = picture.view;
      view.x = i % 7;
      view.y = i % 5;
      view.width -= 3 * (i % 7);
      view.height -= 3 * (i % 5);
      view.turned =
          TurnedBox{i * 1.7, i * 1.1, 1 + i * 0.9, 40 - i * 0.6, i * 0.37};
      const auto expected = reference(view, to);
      const auto got = fast(view, to);
      g_assert_cmpmem(got.data(), got.size() * sizeof(float), expected.data(),
                      expected.size() * sizeof(float));
    }
  }
}

void test_beyond_the_part_are_its_edges(void) {
  const Picture picture = make_picture(
      PixelFormat::kGray8, kWidth, kHeight, 5, [](int, int x, int y) {
        const bool inside = x >= 10 && x < 20 && y >= 5 && y < 9;
        return static_cast<std::uint8_t>(inside ? 77 : 200);
      });
  ImageView view = picture.view;
  view.range = ColorRange::kFull;
  view.x = 10;
  view.y = 5;
  view.width = 10;
  view.height = 4;
  view.turned = TurnedBox{15, 7, 40, 30, 0.6};
  const Preprocessing to = bytes_of(40, 30, 1);

  for (const float value : reference(view, to))
    g_assert_cmpint(std::lround(value * 255), ==, 77);
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
struct Bad {
  const char* name;
  TurnedBox box;
};
constexpr Bad kBad[] = {
    {"without-width", {1, 1, 0, 4, 1}},
    {"of-negative-height", {1, 1, 4, -4, 1}},
    {"of-a-width-that-is-no-number", {1, 1, kNan, 4, 1}},
    {"that-is-too-large", {1, 1, 4, kMaxImageSide + 1, 1}},
    {"at-no-number", {kNan, 1, 4, 4, 1}},
    {"at-infinity", {1, std::numeric_limits<double>::infinity(), 4, 4, 1}},
    {"turned-by-no-number", {1, 1, 4, 4, kNan}},
};

void test_a_rectangle_is_refused(gconstpointer data) {
  const Picture picture =
      make_picture(PixelFormat::kRgb, kWidth, kHeight, 5, soft_value);
  ImageView view = picture.view;
  view.turned = static_cast<const Bad*>(data)->box;

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { check_image(view); },
      "expected a turned rectangle");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/turned/pillow-s-recorded-pixels",
                  test_pillow_s_recorded_pixels);
  support::add_rows("/turned/quarters-move-pixels", kFormats,
                    test_quarters_move_pixels);
  support::add_rows("/turned/the-fast-path-gives-the-same-bits", kFormats,
                    test_the_fast_path_gives_the_same_bits);
  g_test_add_func("/turned/beyond-the-part-are-its-edges",
                  test_beyond_the_part_are_its_edges);
  support::add_rows("/turned/a-rectangle-is-refused", kBad,
                    test_a_rectangle_is_refused);
  return g_test_run();
}
