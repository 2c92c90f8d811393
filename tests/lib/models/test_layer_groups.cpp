// SPDX-License-Identifier: LGPL-2.1-or-later
// Networks cut into layers by their depth.
#include <glib.h>

#include <algorithm>
#include <string>

#include <torch/torch.h>

#include "model_tests.h"
#include "models/layer_groups.h"
#include "models/zoo.h"
#include "support/expect_error.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;

std::shared_ptr<nn::ImageClassifierImpl> model_of(const std::string& name,
                                                  bool auxiliary_heads) {
  nn::ModelOptions options{.classes = 7, .initialize = false};
  if (!auxiliary_heads && !nn::zoo_entry(name).extra.empty())
    options.extra = {{"aux_logits", 0}};
  return nn::create_model(name, options);
}

int groups_with(const LayerGroups& groups, const std::string& parameter) {
  const auto has = [&](const std::vector<std::string>& group) {
    return std::ranges::any_of(group, [&](const std::string& layer) {
      return parameter == layer || parameter.starts_with(layer + ".");
    });
  };
  return static_cast<int>(std::ranges::count_if(groups, has));
}

void test_every_parameter_is_in_one(gconstpointer name) {
  const std::string architecture = static_cast<const char*>(name);
  const auto model = model_of(architecture, /*auxiliary_heads=*/true);

  const LayerGroups groups = layer_groups(architecture, *model);

  for (const auto& parameter : model->named_parameters()) {
    if (groups_with(groups, parameter.key()) != 1)
      g_error("%s is in %d groups", parameter.key().c_str(),
              groups_with(groups, parameter.key()));
  }
}

void test_order_is_that_of_depth(gconstpointer name) {
  const std::string architecture = static_cast<const char*>(name);
  const auto model = model_of(architecture, /*auxiliary_heads=*/false);

  const LayerGroups groups = layer_groups(architecture, *model);

  std::size_t deepest = 0;
  for (const auto& parameter : model->named_parameters()) {
    const std::size_t group = layer_group_of(parameter.key(), groups);
    g_assert_cmpuint(group, >=, deepest);
    g_assert_cmpuint(group, <=, deepest + 1);  // no group is empty
    deepest = group;
  }
  g_assert_cmpuint(deepest, ==, groups.size() - 1);
}

void test_last_is_the_classifier(gconstpointer name) {
  const std::string architecture = static_cast<const char*>(name);
  const auto model = model_of(architecture, /*auxiliary_heads=*/false);

  const LayerGroups groups = layer_groups(architecture, *model);

  g_assert_true(groups.back() == std::vector<std::string>{
                                     nn::zoo_entry(architecture).classifier});
}

struct Cut {
  const char* name;
  std::size_t groups;
  std::vector<std::string> first;
  std::vector<std::string> second;
  std::vector<std::string> before_last;
};
const Cut kCuts[] = {
    {"airbench94",
     8,
     {"whiten"},
     {"group1.conv1", "group1.norm1"},
     {"group3.conv2", "group3.norm2"}},
    {"convnext_tiny",
     23,
     {"features.0"},
     {"features.1.0"},
     {"features.7.2", "classifier.0"}},
    {"densenet121",
     9,
     {"features.conv0", "features.norm0"},
     {"features.denseblock1"},
     {"features.denseblock4", "features.norm5"}},
    {"inception_v3", 17, {"Conv2d_1a_3x3"}, {"Conv2d_2a_3x3"}, {"Mixed_7c"}},
    {"maxvit_t", 15, {"stem.0"}, {"stem.1"}, {"classifier.3"}},
    {"mobilenet_v2", 20, {"features.0"}, {"features.1"}, {"features.18"}},
    {"resnet18", 10, {"conv1", "bn1"}, {"layer1.0"}, {"layer4.1"}},
    {"swin_t", 17, {"features.0"}, {"features.1.0"}, {"features.7.1", "norm"}},
    {"vgg11_bn",
     11,
     {"features.0", "features.1"},
     {"features.4", "features.5"},
     {"classifier.3"}},
    {"vit_b_32",
     14,
     {"conv_proj", "class_token", "encoder.pos_embedding"},
     {"encoder.layers.encoder_layer_0"},
     {"encoder.layers.encoder_layer_11", "encoder.ln"}},
};

void test_cut(gconstpointer data) {
  const Cut& cut = *static_cast<const Cut*>(data);

  const LayerGroups groups =
      layer_groups(cut.name, *model_of(cut.name, /*auxiliary_heads=*/false));

  for (const auto& layer : groups.at(groups.size() - 2))
    g_test_message("before the last: %s", layer.c_str());
  g_assert_cmpuint(groups.size(), ==, cut.groups);
  g_assert_true(groups.at(0) == cut.first);
  g_assert_true(groups.at(1) == cut.second);
  g_assert_true(groups.at(groups.size() - 2) == cut.before_last);
}

void test_auxiliary_heads_are_heads() {
  const LayerGroups groups = layer_groups(
      "googlenet", *model_of("googlenet", /*auxiliary_heads=*/true));

  g_assert_true(groups.back() ==
                std::vector<std::string>({"aux1", "aux2", "fc"}));
}

void test_a_name_is_no_prefix() {
  const LayerGroups groups = {{"block1"}, {"block10"}};

  g_assert_cmpuint(layer_group_of("block10.weight", groups), ==, 1);
  g_assert_cmpuint(layer_group_of("block1.weight", groups), ==, 0);
}

void test_unknown_parameter() {
  support::expect_error(
      ErrorCode::kInvalidArgument,
      [] { layer_group_of("block2.weight", {{"block1"}}); },
      "\"block2.weight\"");
}

void test_unknown_architecture() {
  const auto model = model_of("simple_cnn", /*auxiliary_heads=*/true);

  support::expect_error(
      ErrorCode::kNotFound, [&] { layer_groups("simple_cnm", *model); },
      "\"simple_cnm\"", "simple_cnn");
}

}  // namespace

void add_layer_group_tests() {
  static const auto all = nn::architectures();
  for (const auto& facts : all) {
    const auto add = [&facts](const std::string& path, GTestDataFunc test) {
      g_test_add_data_func((path + facts.name).c_str(), facts.name.c_str(),
                           test);
    };
    add("/layer-groups/every-parameter-is-in-one/",
        test_every_parameter_is_in_one);
    add("/layer-groups/their-order-is-that-of-depth/",
        test_order_is_that_of_depth);
    add("/layer-groups/the-last-is-the-classifier/",
        test_last_is_the_classifier);
  }
  support::add_rows("/layer-groups/blocks-are-groups", kCuts, test_cut);
  g_test_add_func("/layer-groups/auxiliary-heads-are-heads",
                  test_auxiliary_heads_are_heads);
  g_test_add_func("/layer-groups/a-name-is-no-prefix",
                  test_a_name_is_no_prefix);
  g_test_add_func("/layer-groups/an-unknown-parameter-is-refused",
                  test_unknown_parameter);
  g_test_add_func("/layer-groups/an-unknown-architecture-is-refused",
                  test_unknown_architecture);
}
