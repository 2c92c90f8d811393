// SPDX-License-Identifier: LGPL-2.1-or-later
// Which models can be made, and which cannot.
#include <glib.h>

#include <algorithm>
#include <cmath>

#include <torch/torch.h>

#include "model_tests.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "torchclassify/nn/registry.h"

namespace {
using torchclassify::ErrorCode;
using torchclassify::nn::Architecture;
using torchclassify::nn::create_model;
using torchclassify::nn::ModelOptions;

void test_sorted() {
  const auto all = torchclassify::nn::architectures();

  g_assert_cmpuint(all.size(), ==, 88);
  g_assert_true(std::ranges::is_sorted(all, {}, &Architecture::name));
}

struct Shape {
  const char* name;
  ModelOptions options;
  std::int64_t width;  // of the picture
  std::int64_t height;
};
const Shape kShapes[] = {
    {"resnet18", {.classes = 1, .channels = 1}, 33, 57},
    {"resnet50", {.classes = 43, .channels = 3}, 64, 32},
    {"mobilenet_v2", {.classes = 2, .channels = 5}, 40, 33},
    {"airbench94", {.classes = 100, .channels = 1}, 9, 28},
    {"cifar_resnet20", {.classes = 100, .channels = 1}, 31, 45},
    {"simple_cnn",
     {.classes = 10, .channels = 1, .input_width = 28, .input_height = 28},
     28,
     28},
    {"simple_cnn",
     {.classes = 7, .channels = 3, .input_width = 15, .input_height = 9},
     15,
     9},
};

void test_shape(gconstpointer data) {
  const Shape& shape = *static_cast<const Shape*>(data);
  const auto model = create_model(shape.name, shape.options);

  const auto logits = model->forward(
      torch::zeros({2, shape.options.channels, shape.height, shape.width}));

  g_assert_true(logits.sizes() ==
                torch::IntArrayRef({2, shape.options.classes}));
}

void test_gradients_reach_every_weight() {
  for (const char* name :
       {"resnet18", "resnet50", "mobilenet_v2", "cifar_resnet20"}) {
    const auto model = create_model(name, {.classes = 3});

    model->forward(torch::rand({2, 3, 32, 32})).square().sum().backward();

    for (const auto& parameter : model->named_parameters()) {
      if (!parameter.value().grad().defined())
        g_error("%s: no gradient for %s", name, parameter.key().c_str());
    }
  }
}

void test_near_name() {
  support::expect_error(
      ErrorCode::kNotFound, [] { create_model("resnet81", {}); },
      "\"resnet81\"", "resnet18", "did you mean");
  support::expect_error(
      ErrorCode::kNotFound, [] { create_model("mobilenetv2", {}); },
      "mobilenet_v2");
}

void test_far_name() {
  support::expect_error(
      ErrorCode::kNotFound, [] { create_model("transformer", {}); },
      "got \"transformer\"");
  support::expect_error(
      ErrorCode::kNotFound, [] { create_model("", {}); }, "got \"\"");
}

struct Refused {
  const char* name;
  const char* architecture;
  ModelOptions options;
  const char* word;
};
const Refused kRefused[] = {
    {"no-classes", "resnet18", {.classes = 0}, "got 0"},
    {"negative-classes", "resnet18", {.classes = -5}, "got -5"},
    {"absurd-classes", "resnet18", {.classes = 1'000'000'000}, "classes"},
    {"no-channels", "mobilenet_v2", {.channels = 0}, "channels"},
    {"absurd-channels", "cifar_resnet20", {.channels = 1 << 30}, "channels"},
    {"extra-option", "resnet18", {.extra = {{"width", 2}}}, "\"width\""},
    {"certain-dropout", "mobilenet_v2", {.dropout = 1}, "below 1"},
    {"negative-dropout", "vgg11", {.dropout = -0.1}, "got -0.1"},
    {"dropout-of-nan", "alexnet", {.dropout = NAN}, "got nan"},
    {"dropout-where-there-is-none", "resnet18", {.dropout = 0.2}, "no dropout"},
    {"certain-stochastic-depth", "swin_t", {.stochastic_depth = 1}, "below 1"},
    {"stochastic-depth-where-there-is-none",
     "vgg11",
     {.stochastic_depth = 0.2},
     "no stochastic depth"},
    {"width-of-one", "simple_cnn", {.input_width = 1}, "width"},
    {"negative-height", "simple_cnn", {.input_height = -1}, "height"},
    {"absurd-width", "simple_cnn", {.input_width = 1 << 20}, "width"},
    {"absurd-product",
     "simple_cnn",
     {.classes = 100'000, .input_width = 2048, .input_height = 2048},
     "product"},
};

void test_refused(gconstpointer data) {
  const Refused& refused = *static_cast<const Refused*>(data);

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { create_model(refused.architecture, refused.options); },
      refused.architecture, refused.word);
}

void add_registry_tests() {
  g_test_add_func("/registry/architectures-come-in-the-order-of-their-names",
                  test_sorted);
  g_test_add_func("/registry/gradients-reach-every-weight",
                  test_gradients_reach_every_weight);
  g_test_add_func("/registry/a-wrong-name-is-refused-with-near-ones",
                  test_near_name);
  g_test_add_func("/registry/a-name-near-nothing-is-refused", test_far_name);
  for (const Shape& shape : kShapes) {
    g_autofree char* path = g_strdup_printf(
        "/registry/logits-have-a-row-per-picture/%s-%dx%d", shape.name,
        static_cast<int>(shape.width), static_cast<int>(shape.height));
    g_test_add_data_func(path, &shape, test_shape);
  }
  support::add_rows("/registry/impossible-options-are-refused", kRefused,
                    test_refused);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_airbench_tests();
  add_batch_norm_tests();
  add_golden_tests();
  add_gradient_tests();
  add_registry_tests();
  add_layer_group_tests();
  add_new_head_tests();
  add_parts_tests();
  add_state_dict_tests();
  add_save_tests();
  add_weight_names_tests();
  add_weight_refusal_tests();
  return g_test_run();
}
