// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernels' input is the definition's, bit for bit.
#include <glib.h>

#include <random>
#include <vector>

#include "cuda/preprocess_kernel.h"
#include "cuda/preprocess_plan.h"
#include "cuda/upright_kernel.h"
#include "random_inputs.h"
#include "support/expect_error.h"

using namespace torchclassify;
using namespace torchclassify::cuda;
using support::assert_same_bits;
using support::defined;
using support::make_picture;
using support::random_picture;
using support::random_preprocessing;
using support::within;

namespace {

// What kernels are started with, and what they leave.
template <typename Element>
std::vector<Element> run(const PreprocessPlan& plan) {
  std::vector<cuda::Taps> taps(static_cast<std::size_t>(plan.taps));
  std::vector<std::int32_t> weights(static_cast<std::size_t>(plan.weights));
  std::vector<std::uint8_t> upright(
      static_cast<std::size_t>(plan.upright_bytes));
  const Workspace workspace = {taps.data(), weights.data(), upright.data()};
  const auto pictures = static_cast<int>(plan.pictures.size());
  const Input& input = plan.input;
  std::vector<Element> output(
      plan.pictures.size() *
      static_cast<std::size_t>(input.width * input.height * input.channels));

  for_each_block(upright_grid(plan.most_turned_pixels,
                              static_cast<int>(plan.turned.size())),
                 [&](const Block& block) {
                   make_upright(block, plan.turned.data(), workspace);
                 });
  for_each_block(taps_grid(input, pictures), [&](const Block& block) {
    make_taps(block, input, plan.pictures.data(), workspace);
  });
  for_each_block(preprocess_grid(input, pictures), [&](const Block& block) {
    preprocess(block, input, plan.pictures.data(), workspace, output.data());
  });
  return output;
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
