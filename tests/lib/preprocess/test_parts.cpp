// SPDX-License-Identifier: LGPL-2.1-or-later
// A part of a picture is preprocessed as if it had been cut out of it.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "both_paths.h"
#include "pictures.h"

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

constexpr int kWidth = 61;
constexpr int kHeight = 47;

struct Part {
  int x, y, width, height;
};
constexpr Part kParts[] = {
    {0, 0, 61, 47},   {1, 1, 59, 45}, {0, 1, 7, 5},   {13, 8, 31, 17},
    {12, 9, 20, 21},  {60, 46, 1, 1}, {59, 0, 2, 47}, {3, 2, 1, 9},
    {22, 30, 33, 11}, {17, 17, 2, 2},
};

ImageView part_of(const Picture& picture, const Part& part) {
  ImageView view = picture.view;
  view.x = part.x;
  view.y = part.y;
  view.width = part.width;
  view.height = part.height;
  return view;
}

// The part's colours as a picture of its own.
Picture cut_out(const Picture& picture, const Part& part) {
  const auto whole = reference(picture.view, bytes_of(kWidth, kHeight));
  return make_picture(
      PixelFormat::kRgb, part.width, part.height, 0, [&](int c, int x, int y) {
        const int at = (c * kHeight + part.y + y) * kWidth + part.x + x;
        return static_cast<std::uint8_t>(
            std::lround(255 * whole[static_cast<std::size_t>(at)]));
      });
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, 255.0 * std::fabs(a[i] - b[i]));
  return largest;
}

void test_part_is_as_cut_out(gconstpointer data) {
  const Format& format = *static_cast<const Format*>(data);
  const Picture picture =
      make_picture(format.format, kWidth, kHeight, 5, soft_value);
  Preprocessing to = bytes_of(16, 12);
  for (const Part& part : kParts) {
    const ImageView view = part_of(picture, part);
    const Picture cut = cut_out(picture, part);

    const auto defined = reference(view, to);
    const auto quick = fast(view, to);

    g_test_message("%dx%d at %d,%d", part.width, part.height, part.x, part.y);
    g_assert_cmpfloat(difference(defined, reference(cut.view, to)), ==, 0);
    g_assert_cmpfloat(difference(quick, defined), <=, format.exact ? 0 : 2.5);
  }
}

// One that is kept for parts of many places gives what a new one gives.
void test_tables_follow_the_part() {
  const Preprocessing to = bytes_of(16, 12);
  for (const Format& format : kFormats) {
    const Picture picture =
        make_picture(format.format, kWidth, kHeight, 5, soft_value);
    Preprocessor kept(to);
    std::vector<float> output(input_size(to));
    for (const Part& part :
         {Part{4, 4, 20, 20}, Part{5, 4, 20, 20}, Part{5, 5, 20, 20},
          Part{4, 5, 20, 20}, Part{30, 21, 20, 20}}) {
      const ImageView view = part_of(picture, part);

      kept.run(view, output.data());

      g_assert_cmpfloat(difference(output, fast(view, to)), ==, 0);
    }
  }
}

// Ten bits whose upper eight are these are these.
void test_p010_is_its_upper_bits() {
  const Picture eight =
      make_picture(PixelFormat::kNv12, kWidth, kHeight, 0, soft_value);
  Picture ten =
      make_picture(PixelFormat::kP010, kWidth, kHeight, 0, soft_value);
  for (auto& plane : ten.planes) {
    for (std::size_t i = 0; i < plane.size(); i += 2) plane[i] = 0xc0;
  }
  const Preprocessing to;

  const auto result = fast(ten.view, to);

  g_assert_cmpfloat(difference(result, fast(eight.view, to)), ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const Format& format : kFormats)
    g_test_add_data_func(
        (std::string("/parts/a-part-is-as-cut-out/") + format.name).c_str(),
        &format, test_part_is_as_cut_out);
  g_test_add_func("/parts/the-tables-follow-the-part",
                  test_tables_follow_the_part);
  g_test_add_func("/parts/p010-is-its-upper-eight-bits",
                  test_p010_is_its_upper_bits);
  return g_test_run();
}
