// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures and preprocessings that must be refused.
#include <glib.h>

#include <cmath>
#include <limits>
#include <vector>

#include "pictures.h"
#include "preprocess/preprocess.h"
#include "support/expect_error.h"
#include "support/rows.h"

using namespace torchclassify;

namespace {

struct WrongImage {
  const char* name;
  void (*spoil)(ImageView&);
  const char* word;
};

const WrongImage kWrongImages[] = {
    {"no-width", [](ImageView& v) { v.width = 0; }, "0x4"},
    {"a-negative-height", [](ImageView& v) { v.height = -4; }, "6x-4"},
    {"a-side-that-is-too-large",
     [](ImageView& v) { v.width = kMaxImageSide + 1; }, "32769"},
    {"a-part-left-of-it", [](ImageView& v) { v.x = -1; }, "-1,0"},
    {"a-part-above-it", [](ImageView& v) { v.y = -2; }, "0,-2"},
    {"a-part-that-juts-out", [](ImageView& v) { v.x = 1; }, "plane 0"},
    {"a-part-that-juts-out-below", [](ImageView& v) { v.y = 1; }, "plane 0"},
    {"a-part-too-far-out",
     [](ImageView& v) { v.x = std::numeric_limits<int>::max(); }, "6x4"},
    {"no-luma", [](ImageView& v) { v.planes[0].data = nullptr; }, "plane 0"},
    {"no-chroma", [](ImageView& v) { v.planes[1].data = nullptr; }, "plane 1"},
    {"a-short-plane", [](ImageView& v) { --v.planes[1].size; }, "plane 1"},
    {"an-empty-plane", [](ImageView& v) { v.planes[0].size = 0; }, "plane 0"},
    {"a-stride-below-a-row", [](ImageView& v) { v.planes[0].stride = 5; },
     "stride"},
    {"a-negative-stride", [](ImageView& v) { v.planes[0].stride = -6; },
     "stride"},
    {"a-stride-that-overflows",
     [](ImageView& v) {
       v.planes[0].stride = std::numeric_limits<std::ptrdiff_t>::max();
     },
     "plane 0"},
    {"an-unknown-format",
     [](ImageView& v) { v.format = static_cast<PixelFormat>(99); }, "format"},
};

void test_wrong_image(gconstpointer data) {
  const auto& row = *static_cast<const WrongImage*>(data);
  auto picture = support::make_picture(PixelFormat::kNv12, 6, 4, 0,
                                       support::recorded_value);
  row.spoil(picture.view);
  const Preprocessing to;
  std::vector<float> output(input_size(to));

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { check_image(picture.view); },
      row.word);
  support::expect_error(ErrorCode::kInvalidArgument, [&] {
    Preprocessor(to).run(picture.view, output.data());
  });
}

struct WrongPreprocessing {
  const char* name;
  void (*spoil)(Preprocessing&);
  const char* word;
};

const WrongPreprocessing kWrongPreprocessings[] = {
    {"no-resize-size", [](Preprocessing& p) { p.resize_size = 0; },
     "resize_size"},
    {"a-negative-crop", [](Preprocessing& p) { p.crop_width = -1; },
     "crop_width"},
    {"a-crop-that-is-too-large",
     [](Preprocessing& p) { p.crop_height = kMaxImageSide + 1; },
     "crop_height"},
    {"two-channels", [](Preprocessing& p) { p.channels = 2; }, "channels"},
    {"a-pad-value-above-a-byte", [](Preprocessing& p) { p.pad_value = 256; },
     "pad_value"},
    {"too-few-means", [](Preprocessing& p) { p.mean.pop_back(); }, "mean"},
    {"a-std-of-zero", [](Preprocessing& p) { p.std[1] = 0; }, "std"},
    {"a-mean-that-is-no-number", [](Preprocessing& p) { p.mean[2] = NAN; },
     "mean"},
};

void test_wrong_preprocessing(gconstpointer data) {
  const auto& row = *static_cast<const WrongPreprocessing*>(data);
  Preprocessing to;
  row.spoil(to);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { Preprocessor preprocessor(to); },
      row.word);
}

void test_odd_sizes() {
  for (int side = 1; side < 6; ++side)
    check_image(support::make_picture(PixelFormat::kI420, side, 6 - side, 0,
                                      support::recorded_value)
                    .view);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/image/refused", kWrongImages, test_wrong_image);
  support::add_rows("/preprocessing/refused", kWrongPreprocessings,
                    test_wrong_preprocessing);
  g_test_add_func("/image/chroma-of-odd-sizes-is-rounded-up", test_odd_sizes);
  return g_test_run();
}
