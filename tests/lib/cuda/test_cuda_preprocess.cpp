// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernels' input is the definition's, bit for bit.
#include <glib.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "cuda/preprocess_kernels.h"
#include "cuda/preprocess_plan.h"
#include "lib/preprocess/pictures.h"
#include "preprocess/preprocess.h"
#include "support/expect_error.h"

using namespace torchclassify;
using namespace torchclassify::cuda;
using support::make_picture;

namespace {

constexpr PixelFormat kFormats[] = {
    PixelFormat::kNv12, PixelFormat::kNv21, PixelFormat::kI420,
    PixelFormat::kYv12, PixelFormat::kYuy2, PixelFormat::kUyvy,
    PixelFormat::kRgb,  PixelFormat::kBgr,  PixelFormat::kRgbx,
    PixelFormat::kBgrx, PixelFormat::kXrgb, PixelFormat::kXbgr,
    PixelFormat::kRgba, PixelFormat::kBgra, PixelFormat::kGray8,
    PixelFormat::kP010};

int within(std::mt19937& random, int least, int most) {
  return least +
         static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
}

double real(std::mt19937& random, double least, double most) {
  return std::uniform_real_distribution<double>(least, most)(random);
}

// What kernels are started with, and what they leave.
template <typename Element>
std::vector<Element> run(const PreprocessPlan& plan) {
  std::vector<Taps> taps(static_cast<std::size_t>(plan.taps));
  std::vector<std::int32_t> weights(static_cast<std::size_t>(plan.weights));
  std::vector<std::uint8_t> upright(
      static_cast<std::size_t>(plan.upright_bytes));
  const Workspace workspace = {taps.data(), weights.data(), upright.data()};
  const auto blocks = [](int items, int each) {
    return (items + each - 1) / each;
  };
  const auto pictures = static_cast<int>(plan.pictures.size());
  int most_turned = 0;
  for (const TurnedPart& part : plan.turned)
    most_turned = std::max(most_turned, part.width * part.height);
  const Input& input = plan.input;
  std::vector<Element> output(
      plan.pictures.size() *
      static_cast<std::size_t>(input.width * input.height * input.channels));

  for_each_block({blocks(most_turned, kUprightPixels), 1,
                  static_cast<int>(plan.turned.size())},
                 [&](const Block& block) {
                   make_upright(block, plan.turned.data(), workspace);
                 });
  for_each_block(
      {blocks(std::max(input.width, input.height), kTapsPixels), 2, pictures},
      [&](const Block& block) {
        make_taps(block, input, plan.pictures.data(), workspace);
      });
  for_each_block({blocks(input.width, kTileWidth),
                  blocks(input.height, kTileHeight), pictures},
                 [&](const Block& block) {
                   preprocess(block, input, plan.pictures.data(), workspace,
                              output.data());
                 });
  return output;
}

support::Picture random_picture(std::mt19937& random) {
  const int side = random() % 8 == 0 ? 700 : 90;
  const unsigned seed = random();
  support::Picture picture = make_picture(
      kFormats[random() % std::size(kFormats)], within(random, 1, side),
      within(random, 1, side), within(random, 0, 40),
      [seed](int component, int x, int y) {
        const unsigned mixed = (static_cast<unsigned>(x) * 2654435761u ^
                                static_cast<unsigned>(y) * 40503u ^
                                static_cast<unsigned>(component) * 977u) +
                               seed;
        return static_cast<std::uint8_t>((mixed * 2246822519u) >> 24);
      });
  ImageView& view = picture.view;
  view.matrix = static_cast<ColorMatrix>(random() % 5);
  view.range = random() % 2 ? ColorRange::kFull : ColorRange::kLimited;
  if (random() % 2) {
    view.x = within(random, 0, view.width - 1);
    view.y = within(random, 0, view.height - 1);
    view.width = within(random, 1, view.width - view.x);
    view.height = within(random, 1, view.height - view.y);
  }
  if (random() % 4 == 0)
    view.turned =
        TurnedBox{view.x + real(random, 0, view.width),
                  view.y + real(random, 0, view.height), real(random, 0.1, 60),
                  real(random, 0.1, 60), real(random, -7, 7)};
  return picture;
}

Preprocessing random_preprocessing(std::mt19937& random) {
  Preprocessing to;
  to.resize_mode = static_cast<ResizeMode>(random() % 3);
  to.interpolation =
      random() % 2 ? Interpolation::kBicubic : Interpolation::kBilinear;
  to.resize_size = within(random, 1, 70);
  to.crop_width = within(random, 1, 70);
  to.crop_height = within(random, 1, 70);
  to.channels = random() % 4 == 0 ? 1 : 3;
  to.pad_value = within(random, 0, 255);
  const auto channels = static_cast<std::size_t>(to.channels);
  to.mean.resize(channels);
  to.std.resize(channels);
  for (float& mean : to.mean) mean = static_cast<float>(real(random, 0, 1));
  for (float& std : to.std) std = static_cast<float>(real(random, 0.1, 1));
  return to;
}

// Of the definition's planes, in the kernels' order.
std::vector<float> defined(const ImageView& image, const Preprocessing& to) {
  std::vector<float> planes(input_size(to));
  preprocess_reference(image, to, planes.data());
  const auto channels = static_cast<std::size_t>(to.channels);
  const std::size_t pixels = planes.size() / channels;
  std::vector<float> interleaved(planes.size());
  for (std::size_t i = 0; i < planes.size(); ++i)
    interleaved[i % pixels * channels + i / pixels] = planes[i];
  return interleaved;
}

template <typename Element>
void assert_same_bits(const Element* got, const std::vector<float>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Element element;
    store(expected[i], &element);
    g_assert_cmpmem(&got[i], sizeof element, &element, sizeof element);
  }
}

template <typename Element>
void assert_the_definition_s(std::mt19937& random) {
  const Preprocessing to = random_preprocessing(random);
  std::vector<support::Picture> pictures;
  std::vector<ImageView> views;
  for (int i = within(random, 1, 4); i > 0; --i)
    pictures.push_back(random_picture(random));
  for (const support::Picture& picture : pictures)
    views.push_back(picture.view);

  const auto got = run<Element>(make_preprocess_plan(views, to));

  g_assert_cmpuint(got.size(), ==, views.size() * input_size(to));
  for (std::size_t i = 0; i < views.size(); ++i)
    assert_same_bits(got.data() + i * input_size(to), defined(views[i], to));
}

void test_the_definition_s_bits(void) {
  std::mt19937 random(3);
  for (int i = 0; i < 1500; ++i) {
    assert_the_definition_s<float>(random);
    assert_the_definition_s<Half>(random);
    assert_the_definition_s<BFloat16>(random);
  }
}

// A scale at which the rows of one tile are more than are staged at a time.
void test_large_frames(void) {
  Preprocessing to;
  to.crop_width = 40;
  to.crop_height = 24;
  to.resize_size = 30;
  const support::Picture picture =
      make_picture(PixelFormat::kNv12, 1920, 1080, 64, support::recorded_value);

  const auto got =
      run<float>(make_preprocess_plan(std::span(&picture.view, 1), to));

  assert_same_bits(got.data(), defined(picture.view, to));
}

void test_what_cannot_be_is_refused(void) {
  Preprocessing to;
  to.channels = 2;
  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { make_preprocess_plan({}, to); },
      "channels");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/cuda-preprocess/the-definition-s-bits",
                  test_the_definition_s_bits);
  g_test_add_func("/cuda-preprocess/large-frames", test_large_frames);
  g_test_add_func("/cuda-preprocess/what-cannot-be-is-refused",
                  test_what_cannot_be_is_refused);
  return g_test_run();
}
