// SPDX-License-Identifier: LGPL-2.1-or-later
// A module written as a bundle, and read again.
#include <glib.h>

#include <cmath>

#include <torch/torch.h>

#include "formats/bundle.h"
#include "formula.h"
#include "model_tests.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace torchclassify;

ModelInfo small_info() {
  ModelInfo info;
  info.architecture = "cifar_resnet20";
  info.classes = {"stop", "yield", "priority"};
  info.preprocessing.resize_size = 32;
  info.preprocessing.crop_width = 32;
  info.preprocessing.crop_height = 32;
  return info;
}

std::shared_ptr<nn::ImageClassifierImpl> filled_model() {
  const auto model = create_model(small_info());
  support::fill_by_formula(*model);
  return model;
}

void set_weight(nn::ImageClassifierImpl& model, float value) {
  const torch::NoGradGuard no_grad;
  model.named_parameters()["linear.bias"][1] = value;
}

void test_picture() {
  const Picture8 picture = self_check_picture(64, 48);

  const auto at = [&](int x, int y, int channel) {
    return int{
        picture.pixels[static_cast<std::size_t>((y * 64 + x) * 3 + channel)]};
  };
  g_assert_cmpuint(picture.pixels.size(), ==, 64 * 48 * 3);
  g_assert_cmpint(at(0, 0, 0), ==, 0);
  g_assert_cmpint(at(0, 0, 2), ==, 58);
  g_assert_cmpint(at(8, 3, 1), ==, 56 + 39 + 29 + 3);
  g_assert_cmpint(at(40, 0, 0), ==, 280 - 256);
  check_image(picture.view());
}

struct Saved {
  const char* name;
  torch::Dtype dtype;
  Dtype in_file;
};
const Saved kSaved[] = {
    {"float", torch::kFloat32, Dtype::kF32},
    {"half", torch::kHalf, Dtype::kF16},
    {"bfloat16", torch::kBFloat16, Dtype::kBf16},
};

void test_round_trip(gconstpointer data) {
  const Saved& saved = *static_cast<const Saved*>(data);
  const support::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";

  save_bundle(path, small_info(), *filled_model(), saved.dtype);
  const Bundle bundle = open_bundle(path);
  const auto reader = create_model(bundle.info);
  load_state_dict(*reader, as_tensors(bundle.file), path.string());
  const auto logits = self_check_logits(*reader, bundle.info);

  g_assert_true(bundle.file.tensors().at("conv1.weight").dtype ==
                saved.in_file);
  g_assert_true(bundle.file.tensors().at("bn1.num_batches_tracked").dtype ==
                Dtype::kI64);
  g_assert_true(bundle.info.classes == small_info().classes);
  g_assert_cmpint(bundle.info.self_check.width, ==, 64);
  g_assert_cmpint(bundle.info.self_check.height, ==, 48);
  g_assert_cmpuint(logits.size(), ==, 3);
  for (std::size_t i = 0; i < logits.size(); ++i)
    g_assert_cmpfloat_with_epsilon(logits[i], bundle.info.self_check.logits[i],
                                   1e-5f);
}

void test_float_logits_are_the_modules() {
  const support::TemporaryFolder folder;
  const auto model = filled_model();
  ModelInfo info = small_info();
  info.self_check.width = 20;
  info.self_check.height = 30;

  save_bundle(folder / "model.safetensors", info, *model);
  const auto recorded =
      open_bundle(folder / "model.safetensors").info.self_check;

  const auto own = self_check_logits(*model, info);
  g_assert_cmpint(recorded.width, ==, 20);
  for (std::size_t i = 0; i < own.size(); ++i)
    g_assert_cmpfloat_with_epsilon(own[i], recorded.logits[i], 1e-5f);
}

void test_modes_stay() {
  const auto model = filled_model();
  ModelInfo info = small_info();
  info.self_check.width = 8;
  info.self_check.height = 8;
  const auto before = state_dict(*model).at("bn1.running_mean").clone();
  model->named_modules()["bn1"]->eval();  // a frozen part

  self_check_logits(*model, info);

  g_assert_true(model->is_training());
  g_assert_false(model->named_modules()["bn1"]->is_training());
  g_assert_true(model->named_modules()["layer1.0.bn1"]->is_training());
  g_assert_true(
      torch::equal(state_dict(*model).at("bn1.running_mean"), before));
}

struct Refused {
  const char* name;
  float weight;
  torch::Dtype dtype;
  ErrorCode code;
  const char* word;
};
const Refused kRefused[] = {
    {"nan", NAN, torch::kFloat32, ErrorCode::kBadData, "linear.bias"},
    {"infinity", INFINITY, torch::kBFloat16, ErrorCode::kBadData,
     "linear.bias"},
    {"too-large-for-half", 1e6f, torch::kHalf, ErrorCode::kBadData,
     "linear.bias"},
    {"integer-weights", 0, torch::kInt64, ErrorCode::kInvalidArgument, "Long"},
    {"double-weights", 0, torch::kFloat64, ErrorCode::kInvalidArgument,
     "Double"},
};

void test_refused(gconstpointer data) {
  const Refused& refused = *static_cast<const Refused*>(data);
  const support::TemporaryFolder folder;
  const auto model = filled_model();
  set_weight(*model, refused.weight);

  support::expect_error(
      refused.code,
      [&] {
        save_bundle(folder / "model.safetensors", small_info(), *model,
                    refused.dtype);
      },
      refused.word);

  g_assert_true(std::filesystem::is_empty(folder.path()));
}

void test_other_class_count() {
  const support::TemporaryFolder folder;
  ModelInfo info = small_info();
  info.classes.push_back("fourth");

  support::expect_error(
      ErrorCode::kBadData,
      [&] { save_bundle(folder / "m.safetensors", info, *filled_model()); },
      "linear.bias", "[4]", "[3]");
}

void test_no_folder() {
  const support::TemporaryFolder folder;

  support::expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        save_bundle(folder / "absent/m.safetensors", small_info(),
                    *filled_model());
      },
      "absent/m.safetensors");
}

}  // namespace

void add_save_tests() {
  g_test_add_func("/save/the-self-check-picture-follows-its-formula",
                  test_picture);
  g_test_add_func("/save/float-logits-are-the-modules-own",
                  test_float_logits_are_the_modules);
  g_test_add_func("/save/the-self-check-leaves-the-modes-as-they-were",
                  test_modes_stay);
  g_test_add_func("/save/another-class-count-is-refused",
                  test_other_class_count);
  g_test_add_func("/save/an-absent-folder-is-refused", test_no_folder);
  support::add_rows("/save/a-bundle-gives-the-same-logits", kSaved,
                    test_round_trip);
  support::add_rows("/save/weights-that-cannot-be-kept-are-refused", kRefused,
                    test_refused);
}
