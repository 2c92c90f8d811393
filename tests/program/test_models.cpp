// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify models`: architectures and published weights, for people and
// for machines.
#include <glib.h>

#include <algorithm>

#include "program.h"

using program::expect_failure;
using program::expect_keys;
using program::lines_of;
using program::run;
using program::run_well;

namespace {

using Json = nlohmann::json;

Json model_named(const std::string& name) {
  const Json json = Json::parse(run_well({"models", "--json"}).out);
  for (const Json& model : json.at("models")) {
    if (model.at("name") == name)
      return model;
  }
  g_error("no model %s", name.c_str());
}

void test_weights_have_accuracy_file_and_hash() {
  const Json model = model_named("resnet50");

  const Json& sets = model.at("weights");
  g_assert_cmpuint(sets.size(), ==, 2);
  expect_keys(sets[1], {"name", "file", "sha256_prefix", "url", "mebibytes",
                        "top1_accuracy", "top5_accuracy", "default"});
  g_assert_true(sets[0]["name"] == "IMAGENET1K_V1");
  g_assert_true(sets[0]["default"] == false);
  g_assert_true(sets[1]["name"] == "IMAGENET1K_V2");
  g_assert_true(sets[1]["default"] == true);
  g_assert_true(sets[1]["file"] == "resnet50-11ad3fa6.pth");
  g_assert_true(sets[1]["sha256_prefix"] == "11ad3fa6");
  g_assert_true(sets[1]["url"] ==
                "https://download.pytorch.org/models/resnet50-11ad3fa6.pth");
  g_assert_true(sets[1]["top1_accuracy"] == 80.858);
  g_assert_true(sets[1]["top5_accuracy"] == 95.434);
}

void test_a_model_names_its_default_weights() {
  const Json model = model_named("mobilenet_v2");

  expect_keys(model, {"name", "classes", "input_size", "parameters", "macs",
                      "top1_accuracy", "weights_file", "weights"});
  g_assert_true(model["weights_file"] == "mobilenet_v2-7ebf99e0.pth");
  g_assert_true(model["top1_accuracy"] == 72.154);
}

void test_a_model_without_published_weights_has_none() {
  const Json model = model_named("simple_cnn");

  g_assert_true(model.at("weights").empty());
  g_assert_false(model.contains("weights_file"));
}

void test_figures_that_nobody_published_are_null() {
  const Json sets = model_named("cifar_resnet20").at("weights");

  g_assert_true(sets.at(0).at("top1_accuracy") == 91.73);
  g_assert_true(sets.at(0).at("top5_accuracy").is_null());
}

void test_the_table_has_a_line_for_each_set() {
  const auto lines = lines_of(run_well({"models"}).out);

  const auto line = std::ranges::find_if(
      lines, [](const auto& each) { return each.starts_with("resnet50 "); });
  g_assert_true(line != lines.end() && line + 1 != lines.end());
  for (const char* word : {"25557032", "IMAGENET1K_V1", "76.13", "92.86",
                           "0676ba61", "resnet50-0676ba61.pth"})
    g_assert_true(line->find(word) != std::string::npos);
  for (const char* word :
       {"IMAGENET1K_V2 *", "80.86", "95.43", "resnet50-11ad3fa6.pth"})
    g_assert_true((line + 1)->find(word) != std::string::npos);
  for (const std::string& each : lines) g_assert_cmpuint(each.size(), <=, 160);
}

void test_an_unexpected_word_is_refused() {
  expect_failure(run({"models", "resnet50"}), program::kWrongUsage,
                 {"resnet50"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/models/weights-have-accuracy-file-and-hash",
                  test_weights_have_accuracy_file_and_hash);
  g_test_add_func("/program/models/a-model-names-its-default-weights",
                  test_a_model_names_its_default_weights);
  g_test_add_func("/program/models/a-model-without-published-weights-has-none",
                  test_a_model_without_published_weights_has_none);
  g_test_add_func("/program/models/figures-that-nobody-published-are-null",
                  test_figures_that_nobody_published_are_null);
  g_test_add_func("/program/models/the-table-has-a-line-for-each-set",
                  test_the_table_has_a_line_for_each_set);
  g_test_add_func("/program/models/an-unexpected-word-is-refused",
                  test_an_unexpected_word_is_refused);
  return g_test_run();
}
