// SPDX-License-Identifier: LGPL-2.1-or-later
// Real data sets, each trained on for a moment and then evaluated.
#include <glib.h>

#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::run_well;
using support::read_file;
using support::real_data_or_skip;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// A small net on small pictures, for one epoch.
void train(const fs::path& data, const fs::path& output,
           const Arguments& more) {
  Arguments arguments = {"train",        "--data-path", data,
                         "--output-dir", output,        "--model",
                         "simple_cnn",   "--epochs",    "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  run_well(arguments);
}

Json evaluate(const fs::path& run, const fs::path& data,
              const fs::path& report) {
  run_well({"evaluate", "--model-file", run / "best.safetensors", "--data-path",
            data, "--report-dir", report});
  return Json::parse(read_file(report / "metrics.json"));
}

std::int64_t pictures(const Json& metrics) {
  std::int64_t sum = 0;
  for (const Json& entry : metrics["per_class"])
    sum += entry["support"].get<std::int64_t>();
  return sum;
}

struct Set {
  const char* name;  // folder of the real data
  Arguments arguments;
  std::int64_t pictures;  // for validation, which are those for evaluation too
  double accuracy;        // at least
};

const Set kSets[] = {
    {"mnist", {"--batch-size", "200", "--lr", "0.01"}, 10000, 0.85},
    {"hymenoptera-mini",
     {"--val-resize-size", "36", "--val-crop-size", "32", "--lr", "0.01"},
     40,
     0.3},
};

void test_evaluation_repeats_what_training_measured(gconstpointer data) {
  const Set& set = *static_cast<const Set*>(data);
  const fs::path folder = real_data_or_skip(set.name);
  if (folder.empty())
    return;
  const TemporaryFolder output;
  train(folder, output / "run", set.arguments);

  const Json metrics = evaluate(output / "run", folder, output / "report");

  const Json measured = Json::parse(read_file(output / "run/metrics.json"));
  g_assert_true(metrics["confusion"] == measured["confusion"]);
  g_assert_cmpfloat_with_epsilon(metrics["loss"].get<double>(),
                                 measured["loss"].get<double>(), 1e-5);
  g_assert_cmpint(pictures(metrics), ==, set.pictures);
  g_assert_cmpfloat(metrics["accuracy"].get<double>(), >, set.accuracy);
}

void test_signs_are_split_by_their_tracks() {
  const fs::path archive = real_data_or_skip("gtsrb-mini.tar.xz");
  if (archive.empty())
    return;
  const TemporaryFolder folder;
  const std::string unpack =
      "tar -xJf '" + archive.string() + "' -C '" + folder.path().string() + "'";
  g_assert_true(g_spawn_command_line_sync(unpack.c_str(), nullptr, nullptr,
                                          nullptr, nullptr));
  train(folder / "GTSRB", folder / "run",
        {"--val-crop-size", "16", "--val-resize-size", "16"});

  const Json metrics =
      evaluate(folder / "run", folder / "GTSRB", folder / "report");

  // One track of four of each class is for validation: 5 pictures.
  const Json measured = Json::parse(read_file(folder / "run/metrics.json"));
  g_assert_cmpint(pictures(measured), ==, 43 * 5);
  g_assert_cmpint(pictures(metrics), ==, 43 * 6);
  g_assert_true(metrics["per_class"][14]["label"] == "Stop");
  const auto lines =
      program::lines_of(read_file(folder / "report/predictions.csv"));
  g_assert_cmpuint(lines.size(), ==, 1 + 43 * 6);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/program/sets/evaluation-repeats-what-training-measured",
                    kSets, test_evaluation_repeats_what_training_measured);
  g_test_add_func("/program/sets/signs-are-split-by-their-tracks",
                  test_signs_are_split_by_their_tracks);
  return g_test_run();
}
