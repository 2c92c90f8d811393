// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of published weights, and how users name what is in it.
#include <glib.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/near_names.h"
#include "models/published_weights.h"
#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using torchclassify::ErrorCode;
using torchclassify::find_published_file;
using torchclassify::find_published_weights;
using torchclassify::Interpolation;
using torchclassify::near_names;
using torchclassify::published_weights;
using torchclassify::published_weights_of;
using torchclassify::PublishedWeights;

constexpr char kTorchvision[] = "https://download.pytorch.org/models/";

void test_all_of_torchvisions_sets_are_there() {
  std::set<std::string> architectures;
  int sets = 0;

  for (const PublishedWeights& weights : published_weights()) {
    if (!weights.url.starts_with(kTorchvision))
      continue;
    architectures.insert(weights.architecture);
    ++sets;
  }

  g_assert_cmpuint(architectures.size(), ==, 80);
  g_assert_cmpint(sets, ==, 115);
}

void test_each_architecture_has_one_default() {
  std::map<std::string, int> defaults;

  for (const PublishedWeights& weights : published_weights())
    defaults[weights.architecture] += weights.is_default;

  for (const auto& [architecture, count] : defaults) {
    g_test_message("%s", architecture.c_str());
    g_assert_cmpint(count, ==, 1);
  }
}

void test_no_file_is_there_twice() {
  std::set<std::string> files;

  for (const PublishedWeights& weights : published_weights())
    g_assert_true(files.insert(weights.file).second);
}

void test_every_set_is_sensible() {
  for (const PublishedWeights& weights : published_weights()) {
    const auto& how = weights.preprocessing;
    g_test_message("%s", weights.file.c_str());
    g_assert_true(weights.url.starts_with("https://") &&
                  weights.url.ends_with("/" + weights.file));
    g_assert_true(weights.file.find("-" + weights.sha256_prefix + ".") !=
                  std::string::npos);
    g_assert_true(weights.sha256_prefix.size() == 8 ||
                  weights.sha256_prefix.size() == 10);
    g_assert_true(weights.sha256_prefix.find_first_not_of("0123456789abcdef") ==
                  std::string::npos);
    g_assert_cmpint(weights.parameters, >, 100'000);
    g_assert_cmpfloat(weights.gmacs, >, 0);
    // Half precision or more, and little else in the file; GoogLeNet's holds
    // the auxiliary heads too.
    const double bytes = weights.mebibytes * (1 << 20);
    g_assert_cmpfloat(bytes, >, 1.9 * static_cast<double>(weights.parameters));
    g_assert_cmpfloat(bytes, <, 8 * static_cast<double>(weights.parameters));
    g_assert_cmpint(how.crop_width, ==, how.crop_height);
    g_assert_cmpint(how.resize_size, >=, how.crop_width);
    g_assert_cmpuint(how.mean.size(), ==, 3);
    g_assert_cmpuint(how.std.size(), ==, 3);
  }
}

struct Accuracy {
  const char* name;
  double top1, top5;
};
const Accuracy kAccuracies[] = {
    {"alexnet:IMAGENET1K_V1", 56.522, 79.066},
    {"resnet50:IMAGENET1K_V1", 76.13, 92.862},
    {"resnet50:IMAGENET1K_V2", 80.858, 95.434},
    {"regnet_y_16gf:IMAGENET1K_V2", 82.886, 96.328},
    {"vit_h_14:IMAGENET1K_SWAG_E2E_V1", 88.552, 98.694},
    {"vgg16:IMAGENET1K_FEATURES", 0, 0},
    {"cifar_resnet20:CIFAR10", 91.73, 0},
};

void test_accuracy_is_the_published_one(gconstpointer data) {
  const auto& row = *static_cast<const Accuracy*>(data);

  const PublishedWeights& weights = find_published_weights(row.name);

  g_assert_cmpfloat_with_epsilon(weights.top1_accuracy, row.top1, 1e-9);
  g_assert_cmpfloat_with_epsilon(weights.top5_accuracy, row.top5, 1e-9);
}

struct Pixels {
  const char* name;
  int resize_size, crop_size;
  Interpolation interpolation;
  float mean, std;  // of red
};
const Pixels kPixels[] = {
    {"resnet50:IMAGENET1K_V1", 256, 224, Interpolation::kBilinear, 0.485f,
     0.229f},
    {"resnet50:IMAGENET1K_V2", 232, 224, Interpolation::kBilinear, 0.485f,
     0.229f},
    {"efficientnet_b1", 255, 240, Interpolation::kBilinear, 0.485f, 0.229f},
    {"efficientnet_b7", 600, 600, Interpolation::kBicubic, 0.485f, 0.229f},
    {"efficientnet_v2_l", 480, 480, Interpolation::kBicubic, 0.5f, 0.5f},
    {"inception_v3", 342, 299, Interpolation::kBilinear, 0.485f, 0.229f},
    {"vit_h_14", 518, 518, Interpolation::kBicubic, 0.485f, 0.229f},
    {"vgg16:IMAGENET1K_FEATURES", 256, 224, Interpolation::kBilinear, 0.48235f,
     1 / 255.0f},
    {"cifar_resnet20", 32, 32, Interpolation::kBilinear, 0.485f, 0.229f},
};

void test_preprocessing_is_the_published_one(gconstpointer data) {
  const auto& row = *static_cast<const Pixels*>(data);

  const auto& how = find_published_weights(row.name).preprocessing;

  g_assert_cmpint(how.resize_size, ==, row.resize_size);
  g_assert_cmpint(how.crop_height, ==, row.crop_size);
  g_assert_true(how.interpolation == row.interpolation);
  g_assert_cmpfloat(how.mean[0], ==, row.mean);
  g_assert_cmpfloat(how.std[0], ==, row.std);
}

void test_a_licence_is_named_where_it_binds() {
  int bound = 0;

  for (const PublishedWeights& weights : published_weights()) {
    const bool swag = weights.name.find("SWAG") != std::string::npos;
    g_assert_true(swag == !weights.licence.empty());
    bound += swag;
  }

  g_assert_cmpint(bound, ==, 12);
}

void test_only_the_inceptions_transform_their_input() {
  for (const PublishedWeights& weights : published_weights())
    g_assert_cmpuint(weights.architecture_options.count("transform_input"), ==,
                     weights.architecture == "googlenet" ||
                         weights.architecture == "inception_v3");
}

struct Spelling {
  const char* name;
  const char* spelling;
  const char* file;
};
const Spelling kSpellings[] = {
    {"architecture", "resnet50", "resnet50-11ad3fa6.pth"},
    {"architecture-and-set", "resnet50:IMAGENET1K_V1", "resnet50-0676ba61.pth"},
    {"small-letters", "resnet50:imagenet1k_v1", "resnet50-0676ba61.pth"},
    {"default", "resnet50:DEFAULT", "resnet50-11ad3fa6.pth"},
    {"torchvisions", "ResNet50_Weights.IMAGENET1K_V2", "resnet50-11ad3fa6.pth"},
    {"torchvisions-default", "Swin_V2_T_Weights.DEFAULT",
     "swin_v2_t-b137f0e2.pth"},
    {"torchvisions-with-numbers", "MNASNet0_5_Weights.IMAGENET1K_V1",
     "mnasnet0.5_top1_67.823-3ffadce67e.pth"},
    {"builder-and-dot", "resnet50.IMAGENET1K_V2", "resnet50-11ad3fa6.pth"},
};

void test_a_spelling_is_understood(gconstpointer data) {
  const auto& row = *static_cast<const Spelling*>(data);

  g_assert_cmpstr(find_published_weights(row.spelling).file.c_str(), ==,
                  row.file);
}

struct Refusal {
  const char* name;
  const char* spelling;
  ErrorCode code;
  const char* word;
};
const Refusal kRefusals[] = {
    {"unknown-architecture", "resnet51", ErrorCode::kNotFound,
     "did you mean resnet50, resnet101"},
    {"nothing-near", "transformer", ErrorCode::kNotFound, "\"transformer\""},
    {"unpublished-architecture", "simple_cnn", ErrorCode::kNotFound,
     "simple_cnn"},
    {"unknown-set", "resnet50:IMAGENET1K_V3", ErrorCode::kNotFound,
     "resnet50 (IMAGENET1K_V1, IMAGENET1K_V2)"},
    {"empty", "", ErrorCode::kNotFound, "\"\""},
    {"empty-set", "resnet50:", ErrorCode::kInvalidArgument,
     "resnet50:IMAGENET1K_V2"},
    {"empty-architecture", ":IMAGENET1K_V2", ErrorCode::kInvalidArgument,
     "such as"},
    {"only-the-ending", "_Weights.IMAGENET1K_V2", ErrorCode::kInvalidArgument,
     "such as"},
};

void test_a_spelling_is_refused(gconstpointer data) {
  const auto& row = *static_cast<const Refusal*>(data);

  support::expect_error(
      row.code, [&] { find_published_weights(row.spelling); }, row.word);
}

void test_a_file_is_found_by_its_name() {
  const PublishedWeights* found =
      find_published_file("wide_resnet50_2-95faca4d.pth");

  g_assert_nonnull(found);
  g_assert_cmpstr(found->architecture.c_str(), ==, "wide_resnet50_2");
  g_assert_cmpstr(found->name.c_str(), ==, "IMAGENET1K_V1");
  g_assert_null(find_published_file("wide_resnet50_2.pth"));
  g_assert_null(find_published_file(""));
}

void test_the_sets_of_one_architecture_stay_together() {
  const auto sets = published_weights_of("vit_b_16");

  g_assert_cmpuint(sets.size(), ==, 3);
  g_assert_cmpstr(sets[0].name.c_str(), ==, "IMAGENET1K_V1");
  g_assert_cmpstr(sets[2].name.c_str(), ==, "IMAGENET1K_SWAG_LINEAR_V1");
  g_assert_true(published_weights_of("simple_cnn").empty());
}

void test_at_most_three_near_names_are_given() {
  g_assert_true(near_names("ab", {"abcd", "abc", "b", "xyzuvw", "ab"}) ==
                " (did you mean ab, abc, b?)");
  g_assert_true(near_names("ab", {"xyzuvw"}).empty());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/published-weights/all-of-torchvisions-sets-are-there",
                  test_all_of_torchvisions_sets_are_there);
  g_test_add_func("/published-weights/each-architecture-has-one-default",
                  test_each_architecture_has_one_default);
  g_test_add_func("/published-weights/no-file-is-there-twice",
                  test_no_file_is_there_twice);
  g_test_add_func("/published-weights/every-set-is-sensible",
                  test_every_set_is_sensible);
  support::add_rows("/published-weights/accuracy-is-the-published-one",
                    kAccuracies, test_accuracy_is_the_published_one);
  support::add_rows("/published-weights/preprocessing-is-the-published-one",
                    kPixels, test_preprocessing_is_the_published_one);
  g_test_add_func("/published-weights/a-licence-is-named-where-it-binds",
                  test_a_licence_is_named_where_it_binds);
  g_test_add_func(
      "/published-weights/only-the-inceptions-transform-their-input",
      test_only_the_inceptions_transform_their_input);
  support::add_rows("/published-weights/a-spelling-is-understood", kSpellings,
                    test_a_spelling_is_understood);
  support::add_rows("/published-weights/a-spelling-is-refused", kRefusals,
                    test_a_spelling_is_refused);
  g_test_add_func("/published-weights/a-file-is-found-by-its-name",
                  test_a_file_is_found_by_its_name);
  g_test_add_func(
      "/published-weights/the-sets-of-one-architecture-stay-together",
      test_the_sets_of_one_architecture_stay_together);
  g_test_add_func("/published-weights/at-most-three-near-names-are-given",
                  test_at_most_three_near_names_are_given);
  return g_test_run();
}
