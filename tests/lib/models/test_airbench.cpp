// SPDX-License-Identifier: LGPL-2.1-or-later
// What the CIFAR-10 network has beside the others.
#include <glib.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include <torch/torch.h>

#include "formula.h"
#include "model_tests.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/nn/airbench.h"

namespace {
using namespace torchclassify;

constexpr char kName[] = "airbench94";

// Neighbours are alike, and so are channels: as in photographs.
torch::Tensor pictures(std::int64_t count, std::int64_t channels = 3) {
  torch::manual_seed(3);
  const auto grey = torch::avg_pool2d(torch::randn({count, 1, 20, 20}),
                                      /*kernel_size=*/3, /*stride=*/1);
  return 2 * grey + 0.5 * torch::randn({count, channels, 18, 18});
}

torch::Tensor whitened(nn::ImageClassifierImpl& model, const torch::Tensor& x) {
  const torch::NoGradGuard no_grad;
  const auto part = model.named_modules()["whiten"];
  return part->as<torch::nn::Conv2d>()->forward(x);
}

void test_whitening(gconstpointer data) {
  const std::int64_t channels = GPOINTER_TO_INT(data);
  const std::int64_t numbers = 4 * channels;  // of a patch
  const auto model = nn::create_model(kName, {.channels = channels});
  const auto x = pictures(600, channels);  // more than fit at once

  model->start_from_pictures(x);

  const auto y = whitened(*model, x).transpose(0, 1).flatten(1);
  const auto positive = y.slice(0, 0, numbers);  // [numbers, patches]
  const auto products = positive.mm(positive.t()) / positive.size(1);
  const double off =
      (products - torch::eye(numbers)).abs().max().item<double>();
  g_assert_cmpfloat(off, <=, 0.01);  // what is added to variances
  g_assert_true(torch::equal(y.slice(0, numbers), -positive));
}

void test_strongest_first() {
  const auto model = nn::create_model(kName, {});

  model->start_from_pictures(pictures(50));

  // The strongest direction is divided by most.
  const auto norms =
      model->named_parameters()["whiten.weight"].flatten(1).norm(2, 1);
  g_assert_cmpfloat(norms[0].item<double>(), <, norms[11].item<double>());
}

void test_flat_pictures() {
  const auto model = nn::create_model(kName, {});

  model->start_from_pictures(torch::ones({4, 3, 32, 32}));

  g_assert_true(
      model->named_parameters()["whiten.weight"].isfinite().all().item<bool>());
}

void test_others_learn_everything() {
  const auto model = nn::create_model("cifar_resnet20", {.classes = 3});
  const auto before = state_dict(*model).at("conv1.weight").clone();

  model->start_from_pictures(pictures(2));

  g_assert_true(torch::equal(state_dict(*model).at("conv1.weight"), before));
}

struct Refused {
  const char* name;
  std::vector<std::int64_t> shape;
};
const Refused kRefused[] = {
    {"one-channel", {8, 1, 32, 32}},
    {"no-pictures", {0, 3, 32, 32}},
    {"a-picture-alone", {3, 32, 32}},
    {"a-row-of-pixels", {8, 3, 1, 32}},
};

void test_refused(gconstpointer data) {
  const Refused& refused = *static_cast<const Refused*>(data);
  const auto model = nn::create_model(kName, {});

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { model->start_from_pictures(torch::zeros(refused.shape)); },
      "[N, 3, h, w]", c10::str(torch::IntArrayRef(refused.shape)).c_str());
}

void test_bytes_are_refused() {
  const auto model = nn::create_model(kName, {});

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] {
        model->start_from_pictures(torch::zeros({8, 3, 32, 32}, torch::kUInt8));
      },
      "float", "Byte");
}

void test_nan_is_refused() {
  const auto model = nn::create_model(kName, {});
  const auto before = state_dict(*model).at("whiten.weight").clone();
  auto x = pictures(4);
  x[1][2][3][4] = std::numeric_limits<float>::quiet_NaN();

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { model->start_from_pictures(x); },
      "finite");

  g_assert_true(torch::equal(state_dict(*model).at("whiten.weight"), before));
}

void test_frozen() {
  const auto model = nn::create_model(kName, {});

  std::string frozen;
  for (const auto& parameter : model->named_parameters()) {
    if (!parameter.value().requires_grad())
      frozen += parameter.key() + " ";
  }

  g_assert_cmpstr(frozen.c_str(), ==,
                  "whiten.weight group1.norm1.weight group1.norm2.weight "
                  "group2.norm1.weight group2.norm2.weight "
                  "group3.norm1.weight group3.norm2.weight ");
}

void test_larger_pictures() {
  const auto model = nn::create_model(kName, {.classes = 43});
  model->eval();
  const torch::NoGradGuard no_grad;

  const auto features = model->forward_features(torch::rand({1, 3, 48, 40}));
  const auto pre_logits = model->forward_head(features, /*pre_logits=*/true);

  g_assert_true(features.sizes() == torch::IntArrayRef({1, 256, 5, 4}));
  g_assert_true(torch::equal(pre_logits, features.amax({2, 3})));
}

void test_file_size() {
  ModelInfo info;
  info.architecture = kName;
  for (int i = 0; i < 43; ++i)
    info.classes.push_back("Zeichen mit der Nummer " + std::to_string(i));
  info.preprocessing = {
      .resize_mode = ResizeMode::kSquash, .crop_width = 32, .crop_height = 32};
  const auto model = create_model(info, /*initialize=*/true);
  const support::TemporaryFolder folder;

  save_bundle(folder / "signs.safetensors", info, *model, torch::kHalf);

  const auto size = std::filesystem::file_size(folder / "signs.safetensors");
  g_test_message("%d bytes", static_cast<int>(size));
  g_assert_cmpuint(size, <, 4'000'000);
}

}  // namespace

void add_airbench_tests() {
  for (const int channels : {1, 3}) {
    g_autofree char* path = g_strdup_printf(
        "/airbench/whitening-decorrelates-patches/%d-channels", channels);
    g_test_add_data_func(path, GINT_TO_POINTER(channels), test_whitening);
  }
  g_test_add_func("/airbench/the-strongest-direction-is-first",
                  test_strongest_first);
  g_test_add_func("/airbench/flat-pictures-give-finite-weights",
                  test_flat_pictures);
  g_test_add_func("/airbench/other-networks-learn-everything",
                  test_others_learn_everything);
  support::add_rows("/airbench/other-pictures-are-refused", kRefused,
                    test_refused);
  g_test_add_func("/airbench/bytes-are-refused", test_bytes_are_refused);
  g_test_add_func("/airbench/nan-is-refused", test_nan_is_refused);
  g_test_add_func("/airbench/what-is-not-learned-is-frozen", test_frozen);
  g_test_add_func("/airbench/larger-pictures-have-a-maximum-too",
                  test_larger_pictures);
  g_test_add_func("/airbench/a-float16-file-is-below-4-megabytes",
                  test_file_size);
}
