// SPDX-License-Identifier: LGPL-2.1-or-later
// A network in two halves: features with places, and the head on them.
#include <glib.h>

#include <memory>
#include <vector>

#include <torch/torch.h>

#include "formula.h"
#include "model_tests.h"
#include "support/rows.h"
#include "torchclassify/nn/registry.h"

namespace {
using torchclassify::nn::create_model;
using torchclassify::nn::ImageClassifierImpl;

struct Network {
  const char* name;
  std::int64_t size;  // of the picture, pixels
  std::vector<std::int64_t> features;
  std::vector<std::int64_t> pre_logits;
};
const Network kNetworks[] = {
    {"airbench94", 32, {2, 256, 3, 3}, {2, 256}},
    {"alexnet", 64, {2, 256, 1, 1}, {2, 4096}},
    {"cifar_resnet20", 32, {2, 64, 8, 8}, {2, 64}},
    {"convnext_tiny", 64, {2, 768, 2, 2}, {2, 768}},
    {"densenet121", 64, {2, 1024, 2, 2}, {2, 1024}},
    {"efficientnet_b0", 64, {2, 1280, 2, 2}, {2, 1280}},
    {"googlenet", 64, {2, 1024, 2, 2}, {2, 1024}},
    {"inception_v3", 107, {2, 2048, 2, 2}, {2, 2048}},
    {"maxvit_t", 224, {2, 512, 7, 7}, {2, 512}},
    {"mnasnet0_5", 64, {2, 1280, 2, 2}, {2, 1280}},
    {"mobilenet_v2", 64, {2, 1280, 2, 2}, {2, 1280}},
    {"mobilenet_v3_small", 64, {2, 576, 2, 2}, {2, 1024}},
    {"regnet_y_400mf", 64, {2, 440, 2, 2}, {2, 440}},
    {"resnet50", 64, {2, 2048, 2, 2}, {2, 2048}},
    {"shufflenet_v2_x0_5", 64, {2, 1024, 2, 2}, {2, 1024}},
    {"simple_cnn", 32, {2, 16, 16, 16}, {2, 4096}},
    {"squeezenet1_1", 64, {2, 512, 3, 3}, {2, 512, 3, 3}},
    {"swin_t", 64, {2, 768, 2, 2}, {2, 768}},
    {"swin_v2_t", 70, {2, 768, 3, 3}, {2, 768}},
    {"vgg11", 64, {2, 512, 2, 2}, {2, 4096}},
    {"vit_b_32", 224, {2, 50, 768}, {2, 768}},
};

std::shared_ptr<ImageClassifierImpl> filled_model(const char* name) {
  const auto model = create_model(name, {.classes = 5, .initialize = false});
  support::fill_by_formula(*model);
  return model;
}

void test_shapes(gconstpointer data) {
  const Network& network = *static_cast<const Network*>(data);
  const auto model = filled_model(network.name);
  model->eval();
  const torch::NoGradGuard no_grad;

  const auto features =
      model->forward_features(support::pictures_by_formula(2, network.size));
  const auto pre_logits = model->forward_head(features, /*pre_logits=*/true);

  g_assert_true(features.sizes() == network.features);
  g_assert_true(pre_logits.sizes() == network.pre_logits);
}

void test_halves_make_the_whole(gconstpointer data) {
  const Network& network = *static_cast<const Network*>(data);
  const auto model = filled_model(network.name);
  model->eval();
  const torch::NoGradGuard no_grad;
  const auto pictures = support::pictures_by_formula(2, network.size);
  const auto whole = model->forward(pictures.clone());

  const auto features = model->forward_features(pictures.clone());
  const auto before = features.clone();
  const auto logits = model->forward_head(features);
  const auto last =
      model->forward_last(model->forward_head(features, /*pre_logits=*/true));

  g_assert_true(torch::equal(logits, whole));
  g_assert_true(torch::equal(last, whole));
  g_assert_true(torch::equal(features, before));
}

// What heat maps are made of.
void test_gradients_reach_every_place(gconstpointer data) {
  const Network& network = *static_cast<const Network*>(data);
  const auto model = filled_model(network.name);
  model->eval();
  torch::Tensor features;
  {
    const torch::NoGradGuard no_grad;
    features =
        model->forward_features(support::pictures_by_formula(2, network.size));
  }
  features.set_requires_grad(true);

  model->forward_head(features).select(1, 0).sum().backward();

  const auto gradient = features.grad();  // [N, C, h, w] or [N, T, C]
  g_assert_true(gradient.defined());
  const auto places = gradient.abs().sum(gradient.dim() == 4 ? 1 : 2);
  g_assert_true(places.gt(0).all().item<bool>());
}

void test_dropout_is_for_training() {
  const auto model = create_model("mobilenet_v2", {.classes = 3});
  const auto features = torch::rand({2, 1280, 2, 2});

  const auto dropped = model->forward_head(features, /*pre_logits=*/true);
  model->eval();
  const auto whole = model->forward_head(features, /*pre_logits=*/true);

  g_assert_cmpint(dropped.eq(0).sum().item<std::int64_t>(), >, 0);
  g_assert_cmpint(whole.eq(0).sum().item<std::int64_t>(), ==, 0);
}

struct Chance {
  const char* name;
  const char* architecture;
  std::int64_t size;  // of the picture, pixels
  torchclassify::nn::ModelOptions options;
  bool random;  // while training
};
const Chance kChances[] = {
    {"published-dropout", "mobilenet_v3_small", 64, {}, true},
    {"published-stochastic-depth", "convnext_tiny", 64, {}, true},
    {"published-neither", "vit_b_32", 224, {}, false},
    {"alexnet-without", "alexnet", 64, {.dropout = 0}, false},
    {"convnext-without", "convnext_tiny", 64, {.stochastic_depth = 0}, false},
    {"densenet-with", "densenet121", 64, {.dropout = 0.5}, true},
    {"efficientnet-without",
     "efficientnet_b0",
     64,
     {.dropout = 0, .stochastic_depth = 0},
     false},
    {"efficientnet-dropout",
     "efficientnet_b0",
     64,
     {.dropout = 0.5, .stochastic_depth = 0},
     true},
    {"efficientnet-stochastic-depth",
     "efficientnet_b0",
     64,
     {.dropout = 0, .stochastic_depth = 0.9},
     true},
    {"googlenet-without", "googlenet", 64, {.dropout = 0}, false},
    {"inception-without", "inception_v3", 107, {.dropout = 0}, false},
    {"maxvit-without",
     "maxvit_t",
     224,
     {.dropout = 0, .stochastic_depth = 0},
     false},
    {"maxvit-dropout",
     "maxvit_t",
     224,
     {.dropout = 0.5, .stochastic_depth = 0},
     true},
    {"maxvit-stochastic-depth",
     "maxvit_t",
     224,
     {.stochastic_depth = 0.9},
     true},
    {"mnasnet-without", "mnasnet0_5", 64, {.dropout = 0}, false},
    {"mobilenet-v2-without", "mobilenet_v2", 64, {.dropout = 0}, false},
    {"mobilenet-v3-without", "mobilenet_v3_small", 64, {.dropout = 0}, false},
    {"resnet-without", "resnet18", 64, {.dropout = 0}, false},
    {"squeezenet-without", "squeezenet1_1", 64, {.dropout = 0}, false},
    {"swin-without", "swin_t", 64, {.stochastic_depth = 0}, false},
    {"swin-dropout",
     "swin_t",
     64,
     {.dropout = 0.5, .stochastic_depth = 0},
     true},
    {"swin-stochastic-depth", "swin_v2_t", 64, {.stochastic_depth = 0.9}, true},
    {"vgg-without", "vgg11", 64, {.dropout = 0}, false},
    {"vit-with", "vit_b_32", 224, {.dropout = 0.5}, true},
};

void test_chance(gconstpointer data) {
  const Chance& chance = *static_cast<const Chance*>(data);
  torchclassify::nn::ModelOptions options = chance.options;
  options.classes = 2;
  options.initialize = false;
  const auto model = create_model(chance.architecture, options);
  support::fill_by_formula(*model);
  const auto pictures = support::pictures_by_formula(2, chance.size);
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  const auto pass = [&] {
    return model->forward_head(model->forward_features(pictures.clone()),
                               /*pre_logits=*/true);
  };

  const auto first = pass();
  const auto second = pass();

  g_assert_true(torch::equal(first, second) != chance.random);
}

}  // namespace

void add_parts_tests() {
  support::add_rows("/parts/shapes-are-as-promised", kNetworks, test_shapes);
  support::add_rows("/parts/the-halves-make-the-whole", kNetworks,
                    test_halves_make_the_whole);
  support::add_rows("/parts/gradients-reach-every-place", kNetworks,
                    test_gradients_reach_every_place);
  g_test_add_func("/parts/dropout-is-for-training",
                  test_dropout_is_for_training);
  support::add_rows("/parts/training-is-as-random-as-asked", kChances,
                    test_chance);
}
