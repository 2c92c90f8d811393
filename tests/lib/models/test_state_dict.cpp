// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights into modules: strictly, or not at all.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <torch/torch.h>

#include "formats/weights_file.h"
#include "formula.h"
#include "model_tests.h"
#include "models/recognise.h"
#include "models/state_dict.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace torchclassify;
using Tensors = NamedTensors;

constexpr char kOrigin[] = "folder/weights.safetensors";

std::shared_ptr<nn::ImageClassifierImpl> small_model() {
  return nn::create_model("cifar_resnet20", {.classes = 3});
}

// Another model's weights: different from a new one's.
Tensors good_tensors() {
  const auto model = small_model();
  support::fill_by_formula(*model);
  return state_dict(*model);
}

Tensors copy_of(const nn::ImageClassifierImpl& model) {
  Tensors copies = state_dict(model);
  for (auto& [name, tensor] : copies) tensor = tensor.clone();
  return copies;
}

bool equal(const Tensors& a, const Tensors& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && torch::equal(x.second, y.second);
  });
}

void test_loads() {
  const Tensors tensors = good_tensors();
  const auto model = small_model();
  g_assert_false(equal(state_dict(*model), tensors));

  load_state_dict(*model, tensors, kOrigin);

  g_assert_true(equal(state_dict(*model), tensors));
}

struct Conversion {
  const char* name;
  torch::Dtype dtype;
  double relative;
};
const Conversion kConversions[] = {
    {"half", torch::kHalf, 0x1p-11},
    {"bfloat16", torch::kBFloat16, 0x1p-8},
    {"double", torch::kFloat64, 0},
};

void test_converts(gconstpointer data) {
  const Conversion& conversion = *static_cast<const Conversion*>(data);
  const Tensors wanted = good_tensors();
  Tensors tensors = wanted;
  for (auto& [name, tensor] : tensors) {
    if (tensor.is_floating_point())
      tensor = tensor.to(conversion.dtype);
  }
  const auto model = small_model();

  load_state_dict(*model, tensors, kOrigin);

  for (const auto& [name, tensor] : state_dict(*model)) {
    g_assert_true(tensor.scalar_type() == wanted.at(name).scalar_type());
    g_assert_true(torch::allclose(tensor, wanted.at(name), conversion.relative,
                                  /*atol=*/1e-7));
  }
}

void test_old_file() {
  Tensors tensors = good_tensors();
  std::erase_if(tensors, [](const auto& each) {
    return each.first.ends_with("num_batches_tracked");
  });
  const auto model = small_model();

  load_state_dict(*model, tensors, kOrigin);

  g_assert_true(torch::equal(state_dict(*model).at("conv1.weight"),
                             tensors.at("conv1.weight")));
}

void test_unaligned() {
  const float values[] = {1.5f, -2.25f};
  std::vector<std::byte> bytes(sizeof values + 1);
  std::memcpy(bytes.data() + 1, values, sizeof values);

  const torch::Tensor tensor = as_tensor({.dtype = Dtype::kF32,
                                          .shape = {2},
                                          .data = bytes.data() + 1,
                                          .size = sizeof values});

  g_assert_true(torch::equal(tensor, torch::tensor({1.5f, -2.25f})));
}

void test_empty() {
  const torch::Tensor tensor =
      as_tensor({.dtype = Dtype::kF16, .shape = {0, 3}});

  g_assert_true(tensor.sizes() == torch::IntArrayRef({0, 3}));
}

struct Spoilt {
  const char* name;
  void (*spoil)(Tensors& tensors);
  const char* word;
};
template <typename Value>
void put(torch::Tensor& tensor, Value value) {
  tensor = tensor.clone();
  tensor.view({-1})[-1] = value;
}
const Spoilt kSpoilt[] = {
    {"missing", [](Tensors& t) { t.erase("linear.bias"); },
     "1 missing (linear.bias)"},
    {"two-missing",
     [](Tensors& t) {
       t.erase("linear.bias");
       t.erase("conv1.weight");
     },
     "2 missing (first conv1.weight)"},
    {"missing-statistics", [](Tensors& t) { t.erase("bn1.running_var"); },
     "bn1.running_var"},
    {"empty", [](Tensors& t) { t.clear(); }, "missing"},
    {"unexpected", [](Tensors& t) { t["fc.bias"] = torch::zeros(3); },
     "1 unexpected (fc.bias)"},
    {"other-class-count",
     [](Tensors& t) {
       t["linear.weight"] = torch::zeros({4, 64});
     },
     "linear.weight: expected Float [3, 64], got Float [4, 64]"},
    {"scalar", [](Tensors& t) { t["linear.bias"] = torch::tensor(1.0f); },
     "got Float []"},
    {"integers-for-weights",
     [](Tensors& t) { t["linear.bias"] = torch::zeros(3, torch::kInt64); },
     "got Long [3]"},
    {"float-counter",
     [](Tensors& t) { t["bn1.num_batches_tracked"] = torch::tensor(1.0f); },
     "bn1.num_batches_tracked"},
    {"nan", [](Tensors& t) { put(t["conv1.weight"], std::nan("")); },
     "NaN or infinity in conv1.weight"},
    {"infinity", [](Tensors& t) { put(t["linear.bias"], INFINITY); },
     "linear.bias"},
    {"minus-infinity", [](Tensors& t) { put(t["bn1.running_var"], -INFINITY); },
     "bn1.running_var"},
    {"double-too-large",
     [](Tensors& t) {
       t["linear.bias"] = torch::full(3, 1e300, torch::kFloat64);
     },
     "linear.bias"},
};

void test_refused(gconstpointer data) {
  const Spoilt& spoilt = *static_cast<const Spoilt*>(data);
  Tensors tensors = good_tensors();
  spoilt.spoil(tensors);
  const auto model = small_model();
  const Tensors before = copy_of(*model);

  support::expect_error(
      ErrorCode::kBadData, [&] { load_state_dict(*model, tensors, kOrigin); },
      spoilt.word, kOrigin);

  g_assert_true(equal(state_dict(*model), before));
}

void test_no_such_type() {
  const auto tensor = torch::zeros(2, torch::kComplexFloat);

  support::expect_error(
      ErrorCode::kUnsupported, [&] { as_view(tensor); }, "Complex");
}

void test_recognises(gconstpointer name) {
  Tensors tensors = state_dict(
      *nn::create_model(static_cast<const char*>(name),
                        {.classes = 7, .channels = 1, .initialize = false}));
  std::erase_if(tensors, [](const auto& each) {
    return each.first.ends_with("num_batches_tracked");
  });

  const RecognisedModel found = recognise_model(tensors);

  g_assert_cmpstr(found.architecture.c_str(), ==,
                  static_cast<const char*>(name));
  g_assert_cmpint(found.classes, ==, 7);
  g_assert_cmpint(found.channels, ==, 1);
}

const Spoilt kStrange[] = {
    {"empty", [](Tensors& t) { t.clear(); }, ""},
    {"one-less", [](Tensors& t) { t.erase("bn1.bias"); }, ""},
    {"one-more", [](Tensors& t) { t["extra"] = torch::zeros(1); }, ""},
    {"renamed",
     [](Tensors& t) {
       t["fc.bias"] = t["linear.bias"];
       t.erase("linear.bias");
     },
     ""},
    {"other-width",
     [](Tensors& t) {
       t["layer1.0.conv1.weight"] = torch::zeros({17, 16, 3, 3});
     },
     ""},
    {"flat-stem",
     [](Tensors& t) {
       t["conv1.weight"] = torch::zeros({16, 27});
     },
     ""},
    {"no-classes",
     [](Tensors& t) {
       t["linear.weight"] = torch::zeros({0, 64});
     },
     ""},
};

void test_not_recognised(gconstpointer data) {
  Tensors tensors = good_tensors();
  static_cast<const Spoilt*>(data)->spoil(tensors);

  const RecognisedModel found = recognise_model(tensors);

  g_assert_cmpstr(found.architecture.c_str(), ==, "");
}

void test_real_file() {
  const auto path = support::real_data_or_skip(
      "weights/mobilenet_v2-imagenet-f16.safetensors");
  if (path.empty())
    return;
  const WeightsFile file(path);
  const auto model = nn::create_model("mobilenet_v2", {});

  const auto found = recognise_model(as_tensors(file));
  load_state_dict(*model, as_tensors(file), path.string());

  g_assert_cmpstr(found.architecture.c_str(), ==, "mobilenet_v2");
  model->eval();
  const auto logits = model->forward(support::pictures_by_formula(1, 224));
  g_assert_true(torch::isfinite(logits).all().item<bool>());
}

template <std::size_t kCount>
void add_all(const char* path, const Spoilt (&rows)[kCount],
             GTestDataFunc test) {
  for (const Spoilt& row : rows)
    g_test_add_data_func((std::string(path) + row.name).c_str(), &row, test);
}

}  // namespace

void add_state_dict_tests() {
  g_test_add_func("/state-dict/equal-names-and-shapes-load", test_loads);
  g_test_add_func("/state-dict/files-without-batch-counters-load",
                  test_old_file);
  g_test_add_func("/state-dict/unaligned-bytes-are-copied", test_unaligned);
  g_test_add_func("/state-dict/an-empty-tensor-is-one", test_empty);
  g_test_add_func("/state-dict/a-type-without-a-name-is-refused",
                  test_no_such_type);
  g_test_add_func("/state-dict/published-half-weights-load", test_real_file);
  support::add_rows("/state-dict/other-types-are-converted", kConversions,
                    test_converts);
  add_all("/state-dict/bad-tensors-change-nothing/", kSpoilt, test_refused);
  add_all("/recognise/strange-tensors-are-nothing/", kStrange,
          test_not_recognised);
  static const auto all = nn::architectures();
  for (const auto& facts : all)
    g_test_add_data_func(
        ("/recognise/any-class-and-channel-count/" + facts.name).c_str(),
        facts.name.c_str(), test_recognises);
}
