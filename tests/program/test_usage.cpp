// SPDX-License-Identifier: LGPL-2.1-or-later
// The program as a whole: help, wrong words, a full disk, and benchmark.
#include <glib.h>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::expect_keys;
using program::run;
using program::run_well;

namespace {

using Json = nlohmann::json;

void test_every_command_has_help(gconstpointer command) {
  const std::string name = static_cast<const char*>(command);

  const auto outcome = run_well({name, "--help"});

  g_assert_true(outcome.out.find("Usage: ") != std::string::npos);
  g_assert_true(outcome.out.find("Options:") != std::string::npos);
}

void test_the_version_is_a_name_and_a_number() {
  const auto outcome = run_well({"--version"});

  g_assert_true(g_regex_match_simple("^torchclassify [0-9.]+\n$",
                                     outcome.out.c_str(), {}, {}));
}

void expect_figures(const Json& entry) {
  expect_keys(entry, {"batch", "workers", "images_per_second", "p50", "p99"});
  g_assert_cmpfloat(entry["images_per_second"].get<double>(), >, 0);
  g_assert_cmpint(entry["p50"].get<int64_t>(), >, 0);
  g_assert_cmpint(entry["p99"].get<int64_t>(), >=, entry["p50"].get<int64_t>());
}

void test_benchmark_measures_every_batch_size() {
  const auto& model = ColorModel::shared();

  const auto outcome =
      run_well({"benchmark", "--model-file", model.bundle(), "--device", "cpu",
                "--precision", "fp32", "--workers", "1", "--batch-size", "1,2",
                "--seconds", "0.01", "--json"});

  const Json json = Json::parse(outcome.out);
  for (const char* part : {"engine", "end_to_end"}) {
    g_assert_cmpuint(json.at(part).size(), ==, 2);
    g_assert_true(json[part][0]["batch"] == 1);
    g_assert_true(json[part][1]["batch"] == 2);
    g_assert_true(json[part][0]["workers"] == 1);
    expect_figures(json[part][0]);
  }
  g_assert_cmpfloat(json.at("preprocess")["images_per_second"].get<double>(), >,
                    0);
}

struct Refusal {
  const char* name;
  Arguments arguments;
  program::ExitStatus status;
  const char* word;
};

const Refusal kRefusals[] = {
    {"nothing", {}, program::kWrongUsage, "--help"},
    {"unknown-command", {"frobnicate"}, program::kWrongUsage, "frobnicate"},
    {"unknown-option", {"--frobnicate"}, program::kWrongUsage, "--frobnicate"},
    {"option-before-what-is-missing",
     {"predict", "--frobnicate"},
     program::kWrongUsage,
     "--frobnicate"},
    {"missing-option", {"predict", "a.jpg"}, program::kWrongUsage, "--model"},
    {"train-on-nothing", {"train"}, program::kWrongUsage, "--data-path"},
    {"two-commands", {"models", "inspect"}, program::kWrongUsage, "inspect"},
    {"missing-configuration",
     {"models", "--config", "gone.toml"},
     program::kBadData,
     "gone.toml"},
    {"benchmark-of-nothing", {"benchmark"}, program::kWrongUsage, "--model"},
    {"benchmark-of-a-missing-file",
     {"benchmark", "--model-file", "gone"},
     program::kBadData,
     "gone"},
    {"benchmark-of-batch-0",
     {"benchmark", "--model-file", "gone", "--batch-size", "0"},
     program::kWrongUsage,
     "--batch-size"},
    {"inspect-of-nothing", {"inspect"}, program::kWrongUsage, "file"},
    {"inspect-of-a-missing-file",
     {"inspect", "gone"},
     program::kBadData,
     "gone"},
    {"inspect-of-a-folder", {"inspect", "/"}, program::kBadData, "regular"},
    {"a-line-feed-in-a-name", {"inspect", "a\nb"}, program::kBadData, "a b"},
};

void test_wrong_usage_is_one_line(gconstpointer data) {
  const Refusal& refusal = *static_cast<const Refusal*>(data);

  const auto outcome = run(refusal.arguments);

  expect_failure(outcome, refusal.status, {refusal.word});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

void test_a_full_disk_is_not_success(gconstpointer word) {
  const std::string argument = static_cast<const char*>(word);

  const auto outcome = program::run_into("/dev/full", {argument});

  expect_failure(outcome, program::kNotWritten, {"standard output"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const char* command : {"benchmark", "convert", "evaluate", "inspect",
                              "models", "predict", "train"}) {
    g_autofree char* path =
        g_strdup_printf("/program/usage/every-command-has-help/%s", command);
    g_test_add_data_func(path, command, test_every_command_has_help);
  }
  g_test_add_func("/program/usage/the-version-is-a-name-and-a-number",
                  test_the_version_is_a_name_and_a_number);
  g_test_add_func("/program/benchmark/measures-every-batch-size",
                  test_benchmark_measures_every_batch_size);
  support::add_rows("/program/usage/wrong-usage-is-one-line", kRefusals,
                    test_wrong_usage_is_one_line);
  for (const char* word : {"models", "--help", "--version"}) {
    g_autofree char* path =
        g_strdup_printf("/program/usage/a-full-disk-is-not-success/%s", word);
    g_test_add_data_func(path, word, test_a_full_disk_is_not_success);
  }
  return g_test_run();
}
