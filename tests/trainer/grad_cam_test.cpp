// SPDX-License-Identifier: LGPL-2.1-or-later
// Grad-CAM against recorded maps, and on every family of networks.
#include "explain/grad_cam.h"

#include <glib.h>

#include <torch/torch.h>

#include "lib/models/formula.h"
#include "lib/models/recorded.h"
#include "support/rows.h"
#include "torchclassify/nn/registry.h"

namespace {
using namespace torchclassify;

struct Case {
  const char* name;
};
const Case kRecorded[] = {{"mobilenet_v2"},
                          {"resnet18"},
                          {"squeezenet1_0"},
                          {"swin_t"},
                          {"vit_b_16"}};

void expect_map(const GradCam& cam, const torch::Tensor& recorded) {
  const double off = (cam.map.flatten() - recorded).abs().max().item<double>();
  const double largest = recorded.max().item<double>();
  g_test_message("off by %.1e of the largest", off / largest);
  g_assert_cmpfloat(off, <=, 1e-4 * largest);
}

void test_maps_are_those_of_pytorch_grad_cam(gconstpointer row) {
  const char* name = static_cast<const Case*>(row)->name;
  const support::Recorded recorded("explain/grad_cam.txt", name);
  const auto model = nn::create_model(name, {.initialize = false});
  support::fill_by_formula(*model);
  support::leave_nothing_to_chance(*model);
  model->to(torch::kFloat64);
  const auto pictures =
      support::pictures_by_formula(2, recorded.integer("size"))
          .to(torch::kFloat64);
  support::take_statistics(*model, pictures.clone());
  model->eval();
  const auto first = pictures.slice(0, 0, 1);

  const GradCam best = grad_cam(*model, first.clone(), -1);
  const GradCam other =
      grad_cam(*model, first.clone(), recorded.integer("other"));

  g_assert_cmpint(best.label, ==, recorded.integer("best"));
  expect_map(best, recorded.list("best_map"));
  expect_map(other, recorded.list("other_map"));
}

struct Family {
  const char* name;
  std::int64_t size;
};
const Family kFamilies[] = {
    {"airbench94", 32},         {"alexnet", 64},
    {"cifar_resnet20", 32},     {"convnext_tiny", 64},
    {"densenet121", 64},        {"efficientnet_b0", 64},
    {"googlenet", 64},          {"inception_v3", 96},
    {"maxvit_t", 224},          {"mnasnet0_5", 64},
    {"mobilenet_v3_small", 64}, {"regnet_y_400mf", 64},
    {"shufflenet_v2_x0_5", 64}, {"simple_cnn", 32},
    {"swin_v2_t", 64},          {"vgg11_bn", 64},
};

void test_every_family_has_a_map(gconstpointer row) {
  const Family& family = *static_cast<const Family*>(row);
  const auto model = nn::create_model(family.name, {.classes = 5,
                                                    .input_width = family.size,
                                                    .input_height = family.size,
                                                    .initialize = false});
  support::fill_by_formula(*model);
  model->eval();
  const auto picture = support::pictures_by_formula(1, family.size);

  const GradCam cam = grad_cam(*model, picture.clone(), 3);

  const torch::NoGradGuard no_grad;
  g_assert_true(torch::allclose(cam.logits, model->forward(picture)[0]));
  g_assert_cmpint(cam.map.dim(), ==, 2);
  g_assert_true(cam.map.isfinite().all().item<bool>());
  g_assert_cmpfloat(cam.map.min().item<double>(), >=, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/grad-cam/maps-are-those-of-pytorch-grad-cam", kRecorded,
                    test_maps_are_those_of_pytorch_grad_cam);
  support::add_rows("/grad-cam/every-family-has-a-map", kFamilies,
                    test_every_family_has_a_map);
  return g_test_run();
}
