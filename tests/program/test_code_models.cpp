// SPDX-License-Identifier: LGPL-2.1-or-later
// The program with models that are code.
#include <glib.h>

#include "lib/formats/zip_bytes.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::expect_failure;
using program::run;
using program::run_well;
using support::real_data_or_skip;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

void test_lenet_reads_digits() {
  const fs::path model = real_data_or_skip("weights/pytorch_lenet5.pt");
  const fs::path digits = real_data_or_skip("mnist");
  if (model.empty() || digits.empty())
    return;

  const auto outcome =
      run_well({"evaluate", "--allow-code", "--model-file", model, "--dataset",
                "mnist", "--data-path", digits, "--json"});

  // PyTorch's own argmax is right with 9913 of the 10000.
  const Json metrics = Json::parse(outcome.out);
  g_assert_cmpfloat_with_epsilon(metrics["accuracy"].get<double>(), 0.9913,
                                 2e-4);
  // Its scores are probabilities: no softmax makes them alike.
  g_assert_cmpfloat(metrics["loss"].get<double>(), <, 0.2);
  g_assert_cmpfloat(metrics["ece"].get<double>(), <, 0.05);
}

struct Command {
  const char* name;
  Arguments arguments;  // but for the model file
};
const Command kCommands[] = {
    {"predict", {"predict", "picture.png"}},
    {"evaluate", {"evaluate", "--data-path", "."}},
    {"benchmark", {"benchmark"}},
};

void test_commands_refuse(gconstpointer data) {
  const Command& command = *static_cast<const Command*>(data);
  const TemporaryFolder folder;
  const fs::path model = folder / "model.pt";
  support::write_file(model,
                      support::zip_bytes({{"model/constants.pkl", ""},
                                          {"model/code/__torch__.py", ""}}));
  fs::create_directories(folder / "pictures/class");
  Arguments arguments = command.arguments;
  arguments.insert(arguments.end(), {"--model-file", model});
  if (std::string(command.name) == "evaluate") {
    arguments[2] = (folder / "pictures").string();
    support::write_file(folder / "pictures/class/a.ppm", "P6 1 1 255\nabc");
  }

  expect_failure(run(arguments), program::kBadData,
                 {"--allow-code", "model.pt"});
}

void test_two_inputs_are_refused() {
  const fs::path model =
      real_data_or_skip("weights/sample_3x4_two_input_two_output.pt");
  if (model.empty())
    return;

  expect_failure(
      run({"predict", "--allow-code", "--model-file", model, "picture.png"}),
      program::kBadData, {"expected a model of one tensor", "forward("});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/code/a-lenet-in-torchscript-reads-digits",
                  test_lenet_reads_digits);
  support::add_rows("/program/code/refused-unless-allowed-by", kCommands,
                    test_commands_refuse);
  g_test_add_func("/program/code/two-inputs-are-refused",
                  test_two_inputs_are_refused);
  return g_test_run();
}
