// SPDX-License-Identifier: LGPL-2.1-or-later
// A network for other classes on trained weights.
#include <glib.h>

#include <torch/torch.h>

#include "formula.h"
#include "model_tests.h"
#include "models/new_head.h"
#include "models/recognise.h"
#include "support/expect_error.h"

namespace {
using namespace torchclassify;

NamedTensors trained(const char* architecture, nn::ModelOptions options) {
  options.initialize = false;
  const auto model = nn::create_model(architecture, options);
  support::fill_by_formula(*model);
  return state_dict(*model);
}

void test_only_the_head_is_new(gconstpointer data) {
  const auto* architecture = static_cast<const char*>(data);
  const NamedTensors weights = trained(architecture, {.classes = 10});
  const auto model = nn::create_model(architecture, {.classes = 3});
  const NamedTensors fresh = state_dict(*model);
  std::size_t taken = 0;

  load_state_dict(*model, with_new_head(weights, *model, architecture), "file");

  for (const auto& [name, tensor] : state_dict(*model)) {
    const auto& before = weights.at(name);
    if (tensor.sizes() == before.sizes())
      g_assert_true(torch::equal(tensor, before));
    else
      ++taken;
  }
  g_assert_cmpuint(taken, ==, 2);  // weight and bias
  g_assert_cmpuint(fresh.size(), ==, weights.size());
}

void test_auxiliary_heads_may_be_left_out() {
  const NamedTensors weights = trained("googlenet", {.classes = 10});
  const auto model = nn::create_model(
      "googlenet", {.classes = 3, .extra = {{"aux_logits", 0}}});

  load_state_dict(*model, with_new_head(weights, *model, "googlenet"), "file");

  g_assert_true(torch::equal(state_dict(*model).at("conv1.conv.weight"),
                             weights.at("conv1.conv.weight")));
}

void test_auxiliary_heads_keep_what_fits() {
  const NamedTensors weights = trained("googlenet", {.classes = 10});
  const auto model = nn::create_model("googlenet", {.classes = 3});

  load_state_dict(*model, with_new_head(weights, *model, "googlenet"), "file");

  g_assert_true(torch::equal(state_dict(*model).at("aux1.fc1.weight"),
                             weights.at("aux1.fc1.weight")));
}

void test_another_network_is_refused() {
  const NamedTensors weights = trained("resnet18", {.classes = 10});
  const auto model = nn::create_model("resnet34", {.classes = 3});

  support::expect_error(
      ErrorCode::kBadData,
      [&] {
        load_state_dict(*model, with_new_head(weights, *model, "resnet34"),
                        "file");
      },
      "missing", "layer1.2.bn1.bias");
}

struct Sizes {
  const char* name;
  const char* architecture;
  nn::ModelOptions options;
};
const Sizes kSizes[] = {
    {"vit-at-384-pixels",
     "vit_b_32",
     {.classes = 5, .input_width = 384, .input_height = 384}},
    {"simple-cnn-at-28-pixels",
     "simple_cnn",
     {.classes = 5, .channels = 1, .input_width = 28, .input_height = 28}},
    {"without-auxiliary-heads",
     "inception_v3",
     {.classes = 5, .extra = {{"aux_logits", 0}}}},
    {"with-auxiliary-heads", "inception_v3", {.classes = 5}},
};

void test_sizes_are_recognised(gconstpointer data) {
  const Sizes& sizes = *static_cast<const Sizes*>(data);
  nn::ModelOptions options = sizes.options;
  options.initialize = false;

  const RecognisedModel found = recognise_model(
      state_dict(*nn::create_model(sizes.architecture, options)));

  g_assert_cmpstr(found.architecture.c_str(), ==, sizes.architecture);
  g_assert_cmpint(found.classes, ==, 5);
  g_assert_cmpint(found.channels, ==, options.channels);
  g_assert_cmpint(found.input_size, ==, options.input_width);
  g_assert_true(found.architecture_options == options.extra);
}

}  // namespace

void add_new_head_tests() {
  for (const char* name :
       {"resnet18", "vgg11_bn", "squeezenet1_0", "mobilenet_v3_small",
        "vit_b_32", "swin_t", "densenet121"})
    g_test_add_data_func(
        (std::string("/new-head/the-rest-is-as-trained/") + name).c_str(), name,
        test_only_the_head_is_new);
  g_test_add_func("/new-head/auxiliary-heads-may-be-left-out",
                  test_auxiliary_heads_may_be_left_out);
  g_test_add_func("/new-head/auxiliary-heads-keep-what-fits",
                  test_auxiliary_heads_keep_what_fits);
  g_test_add_func("/new-head/another-network-is-refused",
                  test_another_network_is_refused);
  for (const Sizes& sizes : kSizes)
    g_test_add_data_func(
        (std::string("/recognise/sizes-that-weights-tell/") + sizes.name)
            .c_str(),
        &sizes, test_sizes_are_recognised);
}
