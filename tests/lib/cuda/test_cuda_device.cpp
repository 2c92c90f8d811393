// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernels on a GPU: the definition's bits, and the engine's classes.
#include <glib.h>

#include <algorithm>
#include <random>
#include <vector>

#include "cuda/preprocess_plan.h"
#include "cuda_driver.h"
#include "engine/top_k.h"
#include "kernel_module.h"
#include "random_inputs.h"

using namespace torchclassify;
using namespace torchclassify::cuda;
using support::CudaArray;
using support::CudaDriver;

namespace {

const CudaDriver* driver_or_skip() {
  static std::string why;
  static const auto driver = CudaDriver::open(&why);
  if (!driver)
    g_test_skip(why.c_str());
  return driver.get();
}

// A picture whose planes are in device memory.
class DevicePicture {
 public:
  DevicePicture(const CudaDriver& driver, const support::Picture& picture)
      : view_(picture.view) {
    for (std::size_t i = 0; i < picture.planes.size(); ++i) {
      if (picture.planes[i].empty())
        continue;
      planes_.push_back(
          std::make_unique<CudaArray<std::uint8_t>>(driver, picture.planes[i]));
      view_.planes[i].data = planes_.back()->data();
    }
  }

  const ImageView& view() const { return view_; }

 private:
  ImageView view_;
  std::vector<std::unique_ptr<CudaArray<std::uint8_t>>> planes_;
};

template <typename Element>
std::vector<Element> preprocess_all(const CudaDriver& driver,
                                    const PreprocessPlan& plan,
                                    TorchclassifyElement element) {
  const Input& input = plan.input;
  const CudaArray<cuda::Picture> pictures(driver, plan.pictures);
  const CudaArray<TurnedPart> turned(driver, plan.turned);
  const CudaArray<cuda::Taps> taps(driver, static_cast<std::size_t>(plan.taps));
  const CudaArray<std::int32_t> weights(driver,
                                        static_cast<std::size_t>(plan.weights));
  const CudaArray<std::uint8_t> upright(
      driver, static_cast<std::size_t>(plan.upright_bytes));
  const CudaArray<Element> output(
      driver,
      plan.pictures.size() * static_cast<std::size_t>(
                                 input.width * input.height * input.channels));
  TorchclassifyPreprocess work{};
  work.input = input;
  work.pictures = pictures.data();
  work.turned = turned.data();
  work.workspace = {taps.data(), weights.data(), upright.data()};
  work.picture_count = static_cast<int>(plan.pictures.size());
  work.turned_count = static_cast<int>(plan.turned.size());
  work.most_turned_pixels = plan.most_turned_pixels;
  work.element = element;
  work.output = output.data();

  g_assert_cmpint(support::preprocess_on_device(work), ==, 0);
  return output.read();
}

template <typename Element>
void assert_the_definition_s(const CudaDriver& driver, std::mt19937& random,
                             TorchclassifyElement element) {
  const Preprocessing to = support::random_preprocessing(random);
  std::vector<support::Picture> pictures;
  std::vector<DevicePicture> on_device;
  std::vector<ImageView> views;
  for (int i = support::within(random, 1, 8); i > 0; --i) {
    pictures.push_back(support::random_picture(random));
    on_device.emplace_back(driver, pictures.back());
    views.push_back(on_device.back().view());
  }

  const auto got =
      preprocess_all<Element>(driver, make_preprocess_plan(views, to), element);

  for (std::size_t i = 0; i < pictures.size(); ++i)
    support::assert_same_bits(got.data() + i * input_size(to),
                              support::defined(pictures[i].view, to));
}

void test_the_definition_s_bits(void) {
  const CudaDriver* driver = driver_or_skip();
  if (!driver)
    return;
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    assert_the_definition_s<float>(*driver, random, kTorchclassifyFloat32);
    assert_the_definition_s<Half>(*driver, random, kTorchclassifyFloat16);
    assert_the_definition_s<BFloat16>(*driver, random, kTorchclassifyBFloat16);
  }
}

void test_the_engine_s_classes(void) {
  const CudaDriver* driver = driver_or_skip();
  if (!driver)
    return;
  std::mt19937 random(11);
  std::normal_distribution<float> normal(0, 6);
  for (int i = 0; i < 300; ++i) {
    const int classes = support::within(random, 1, 1200);
    const int k = std::min(classes, support::within(random, 1, 6));
    std::vector<float> logits(static_cast<std::size_t>(classes) * 4);
    for (float& logit : logits)
      logit = i % 2 == 0 ? std::round(normal(random)) : normal(random);
    const CudaArray<float> from(*driver, logits);
    const CudaArray<TopClass> to(*driver, static_cast<std::size_t>(4 * k));

    g_assert_cmpint(
        support::top_k_on_device({from.data(),
                                  kTorchclassifyFloat32,
                                  4,
                                  {classes, k, Activation::kSoftmax, 1.0},
                                  to.data()}),
        ==, 0);

    const auto got = to.read();
    for (std::size_t row = 0; row < 4; ++row) {
      const auto count = static_cast<std::size_t>(classes);
      const auto expected = torchclassify::top_k(
          std::span(logits).subspan(row * count, count), Activation::kSoftmax,
          1.0, static_cast<std::size_t>(k));
      for (std::size_t j = 0; j < expected.size(); ++j) {
        const TopClass& top = got[row * expected.size() + j];
        g_assert_cmpint(top.label_id, ==, expected[j].label_id);
        g_assert_cmpfloat_with_epsilon(top.confidence, expected[j].confidence,
                                       1e-6);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/cuda-device/the-definition-s-bits",
                  test_the_definition_s_bits);
  g_test_add_func("/cuda-device/the-engine-s-classes",
                  test_the_engine_s_classes);
  return g_test_run();
}
