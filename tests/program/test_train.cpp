// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify train`: its output files, its configuration, its refusals.
#include <glib.h>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::expect_failure;
using program::lines_of;
using program::run;
using program::run_well;
using program::write_picture;
using support::read_file;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Plain pictures, dark in one class and bright in the other.
void write_set(const TemporaryFolder& folder) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    const auto shade = static_cast<std::uint8_t>(10 * i);
    write_picture(folder / ("set/bright/" + name), 255 - shade, 255, 200);
    write_picture(folder / ("set/dark/" + name), 0, shade, shade);
  }
}

Arguments train(const TemporaryFolder& folder, const Arguments& more = {}) {
  Arguments arguments = {"train",
                         "--data-path",
                         folder / "set",
                         "--output-dir",
                         folder / "run",
                         "--model",
                         "simple_cnn",
                         "--val-resize-size",
                         "5",
                         "--val-crop-size",
                         "4"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// Without the last column, the seconds.
std::vector<std::string> history(const fs::path& folder) {
  auto lines = lines_of(read_file(folder / "history.csv"));
  for (std::string& line : lines) line.resize(line.rfind(','));
  return lines;
}

Json read_json(const fs::path& path) { return Json::parse(read_file(path)); }

void test_every_output_file_is_written() {
  const TemporaryFolder folder;
  write_set(folder);

  const auto outcome =
      run_well(train(folder, {"--epochs", "2", "--lr", "0.01"}));

  const auto lines = lines_of(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 4);
  g_assert_cmpstr(lines[0].c_str(), ==,
                  "dataset=imagefolder model=simple_cnn classes=2 train=16 "
                  "valid=4 seed=0");
  g_assert_true(lines[1].starts_with("epoch=1 train_loss="));
  g_assert_true(lines[3].starts_with("best_epoch="));
  g_assert_cmpuint(history(folder / "run").size(), ==, 3);
  g_assert_true(history(folder / "run")[0].starts_with("epoch,train_loss,"));
  const Json metrics = read_json(folder / "run/metrics.json");
  program::expect_keys(
      metrics, {"accuracy", "top5_accuracy", "balanced_accuracy", "loss", "ece",
                "macro", "weighted", "per_class", "confusion"});
  g_assert_true(metrics["per_class"][0]["label"] == "bright");
  const Json status = read_json(folder / "run/status.json");
  g_assert_true(status["state"] == "done");
  g_assert_true(status["epoch"] == 2);
  g_assert_true(read_file(folder / "run/report.html").starts_with("<!DOCTYPE"));
  for (const char* name : {"run/best.safetensors", "run/last.safetensors"})
    run_well({"inspect", "--check", folder / name});
}

void test_its_model_answers_as_it_was_measured() {
  const TemporaryFolder folder;
  write_set(folder);
  run_well(train(
      folder, {"--epochs", "1", "--lr", "0.01", "--validation-share", "0.5"}));

  const auto outcome =
      run_well({"evaluate", "--model-file", folder / "run/best.safetensors",
                "--data-path", folder / "set", "--json"});

  const Json described = Json::parse(
      run_well({"inspect", "--json", folder / "run/best.safetensors"}).out);
  g_assert_true(described["model"]["classes"] == Json({"bright", "dark"}));
  g_assert_true(Json::parse(outcome.out)["confusion"].size() == 2);
}

// With numbers that need all their digits.
void test_its_own_configuration_repeats_it() {
  const TemporaryFolder folder;
  write_set(folder);
  run_well(train(
      folder, {"--epochs", "2", "--lr", "0.0123456789012345", "--weight-decay",
               "1e-7", "--seed", "18446744073709551615", "--mean",
               "0.123456789", "0.2", "0.3", "--random-rotation", "7.125"}));

  run_well({"train", "--config", folder / "run/config.toml", "--output-dir",
            folder / "again"});

  g_assert_true(history(folder / "run") == history(folder / "again"));
  g_assert_true(read_file(folder / "run/best.safetensors") ==
                read_file(folder / "again/best.safetensors"));
  auto first = lines_of(read_file(folder / "run/config.toml"));
  auto second = lines_of(read_file(folder / "again/config.toml"));
  std::erase_if(first, [](auto& line) { return line.starts_with("output"); });
  std::erase_if(second, [](auto& line) { return line.starts_with("output"); });
  g_assert_true(first == second);
}

// What a flag means, given and not, as config.toml says it.
struct Flag {
  const char* name;
  Arguments arguments;
  const char* line;
};

const Flag kFlags[] = {
    {"folders-are-mirrored", {}, "hflip = true"},
    {"mirrored", {"--hflip"}, "hflip = true"},
    {"not-mirrored", {"--no-flip"}, "hflip = false"},
    {"share", {}, "validation-share = 0.2"},
};

void test_the_configuration_is_complete(gconstpointer data) {
  const Flag& flag = *static_cast<const Flag*>(data);
  const TemporaryFolder folder;
  write_set(folder);
  Arguments arguments = train(folder, {"--epochs", "1"});
  arguments.insert(arguments.end(), flag.arguments.begin(),
                   flag.arguments.end());

  run_well(arguments);

  const auto lines = lines_of(read_file(folder / "run/config.toml"));
  g_assert_true(std::find(lines.begin(), lines.end(), flag.line) !=
                lines.end());
}

void test_an_unreadable_picture_ends_it() {
  const TemporaryFolder folder;
  write_set(folder);
  for (int i = 0; i < 10; ++i)  // some of them are for training
    support::write_file(folder / ("set/dark/" + std::to_string(i) + ".ppm"),
                        "no picture");

  const auto outcome = run(train(folder, {"--epochs", "1"}));

  expect_failure(outcome, program::kBadData, {"expected a JPEG", "set/dark"});
  const Json status = read_json(folder / "run/status.json");
  g_assert_true(status["state"] == "failed");
  g_assert_true(status["error"].get<std::string>().find("set/dark") !=
                std::string::npos);
  g_assert_false(fs::exists(folder / "run/best.safetensors"));
}

// FOLDER stands for the test's folder, where the set and the output are too.
struct Refusal {
  const char* name;
  const char* set;
  const char* output;
  Arguments more;
  program::ExitStatus status;
  const char* word;
};

using program::kBadData;
using program::kNotWritten;
using program::kWrongUsage;

const Refusal kRefusals[] = {
    {"epochs", "set", "run", {"--epochs", "0"}, kWrongUsage, "1 epoch"},
    {"batch-size", "set", "run", {"-b", "0"}, kWrongUsage, "batch size"},
    {"rate", "set", "run", {"--lr", "nan"}, kWrongUsage, "learning rate"},
    {"share", "set", "run", {"--validation-share", "2"}, kWrongUsage, "share"},
    {"optimiser", "set", "run", {"--opt", "magic"}, kWrongUsage, "magic"},
    {"option", "set", "run", {"--epoch", "3"}, kWrongUsage, "--epoch"},
    {"missing-set", "nowhere", "run", {}, kBadData, "nowhere"},
    {"one-class", "one", "run", {}, kBadData, "two classes"},
    {"a-void-class", "gap", "run", {}, kBadData, "none of \"void\""},
    {"not-utf-8", "bytes", "run", {}, kBadData, "UTF-8"},
    {"unwritable-output", "set", "file/run", {}, kNotWritten, "file/run"},
    {"unknown-key",
     "set",
     "run",
     {"--config", "FOLDER/typo.toml"},
     kWrongUsage,
     "train.epoch"},
    {"no-configuration",
     "set",
     "run",
     {"--config", "FOLDER/file"},
     kWrongUsage,
     "--config"},
};

void test_what_cannot_be_trained_is_refused(gconstpointer data) {
  const Refusal& refusal = *static_cast<const Refusal*>(data);
  const TemporaryFolder folder;
  write_set(folder);
  write_picture(folder / "one/alone/1.ppm", 1, 2, 3);
  write_picture(folder / "gap/full/1.ppm", 1, 2, 3);
  fs::create_directory(folder / "gap/void");
  write_picture(folder / "bytes/\xFF/1.ppm", 1, 2, 3);
  write_picture(folder / "bytes/a/1.ppm", 1, 2, 3);
  support::write_file(folder / "file", "no folder and no configuration");
  support::write_file(folder / "typo.toml", "[train]\nepoch = 3\n");
  Arguments arguments = {"train", "--data-path", folder / refusal.set,
                         "--output-dir", folder / refusal.output};
  for (const std::string& argument : refusal.more)
    arguments.push_back(argument.starts_with("FOLDER/")
                            ? std::string(folder / argument.substr(7))
                            : argument);

  const auto outcome = run(arguments);

  expect_failure(outcome, refusal.status, {refusal.word});
  g_assert_false(fs::exists(folder / "run"));
}

void test_weights_that_do_not_fit_are_refused(gconstpointer name) {
  const bool pickle = g_str_equal(name, "a-pickle");
  const auto& model = program::ColorModel::shared();
  const TemporaryFolder folder;
  write_set(folder);
  const std::string weights =
      pickle ? std::string(folder / "pickle") : model.bundle();
  if (pickle)
    support::write_file(weights, "PK\x03\x04 and so on");

  const auto outcome =
      run(train(folder, {"--epochs", "1", "--weights", weights}));

  expect_failure(outcome, program::kBadData,
                 {pickle ? "zip archive" : "of another shape", weights});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/train/every-output-file-is-written",
                  test_every_output_file_is_written);
  g_test_add_func("/program/train/its-model-answers-as-it-was-measured",
                  test_its_model_answers_as_it_was_measured);
  g_test_add_func("/program/train/its-own-configuration-repeats-it",
                  test_its_own_configuration_repeats_it);
  support::add_rows("/program/train/the-configuration-is-complete", kFlags,
                    test_the_configuration_is_complete);
  g_test_add_func("/program/train/an-unreadable-picture-ends-it",
                  test_an_unreadable_picture_ends_it);
  support::add_rows("/program/train/what-cannot-be-trained-is-refused",
                    kRefusals, test_what_cannot_be_trained_is_refused);
  for (const char* name : {"a-pickle", "another-size"}) {
    g_autofree char* path = g_strdup_printf(
        "/program/train/weights-that-do-not-fit-are-refused/%s", name);
    g_test_add_data_func(path, name, test_weights_that_do_not_fit_are_refused);
  }
  return g_test_run();
}
