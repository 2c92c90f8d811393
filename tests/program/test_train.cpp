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

Json read_json(const fs::path& path) { return Json::parse(read_file(path)); }

void test_every_output_file_is_written() {
  const TemporaryFolder folder;
  write_set(folder);

  const auto outcome =
      run_well(train(folder, {"--epochs", "2", "--lr", "0.01"}));

  const auto lines = lines_of(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 4);
  g_assert_true(
      lines[0].starts_with("dataset=imagefolder recipe=imagefolder "
                           "model=simple_cnn classes=2 train=16 valid=4 "
                           "seed=0"));
  g_assert_true(lines[1].starts_with("epoch=1 train_loss="));
  g_assert_true(lines[3].starts_with("best_epoch="));
  const auto history = lines_of(read_file(folder / "run/history.csv"));
  g_assert_cmpuint(history.size(), ==, 3);
  g_assert_true(history[0].starts_with("epoch,train_loss,"));
  const Json metrics = read_json(folder / "run/metrics.json");
  g_assert_true(metrics["per_class"][0]["label"] == "bright");
  const Json status = read_json(folder / "run/status.json");
  g_assert_true(status["state"] == "done");
  g_assert_true(status["epoch"] == 2);
  g_assert_true(read_file(folder / "run/report.html").starts_with("<!DOCTYPE"));
  for (const char* name : {"run/last.ckpt", "run/predictions.csv"})
    g_assert_true(fs::exists(folder / name));
  run_well({"inspect", "--check", folder / "run/best.safetensors"});
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

  for (const char* name : {"history.csv", "best.safetensors", "report.html"})
    g_assert_true(read_file(folder / "run" / name) ==
                  read_file(folder / "again" / name));
  auto first = lines_of(read_file(folder / "run/config.toml"));
  auto second = lines_of(read_file(folder / "again/config.toml"));
  std::erase_if(first, [](auto& line) { return line.starts_with("output"); });
  std::erase_if(second, [](auto& line) { return line.starts_with("output"); });
  g_assert_true(first == second);
}

// A set whose second picture of each class is in both parts, once as it is and
// once a little brighter: stripes, for flat pictures look like nothing.
void write_leaking_set(const TemporaryFolder& folder) {
  fs::create_directories(folder / "set");
  std::string table = "path,label,split,group\n";
  int number = 0;
  const auto add = [&](const char* label, const char* split, int stripe,
                       int brighter) {
    const std::string name = std::to_string(number++) + ".ppm";
    std::string pixels;
    for (int i = 0; i < 27 * 27; ++i) {
      const int value = (i % 27 / 3 * stripe + i / 81) % 11 * 20 + brighter;
      pixels.append(3, static_cast<char>(value));
    }
    support::write_file(folder / ("set/" + name), "P6 27 27 255\n" + pixels);
    table += name + "," + label + "," + split + ",sign " +
             std::to_string(stripe) + "\n";
  };
  for (const char* split : {"train", "val"}) {
    const bool held_out = split[0] == 'v';
    add("a", split, held_out ? 2 : 3, 0);
    add("a", split, 4, 0);
    add("b", split, held_out ? 5 : 6, 0);
    add("b", split, 7, held_out ? 4 : 0);
  }
  support::write_file(folder / "set/manifest.csv", table);
}

void test_pictures_in_both_parts_are_told() {
  const TemporaryFolder folder;
  write_leaking_set(folder);

  const auto told = run_well(train(folder, {"--epochs", "1"}));
  const auto silent =
      run_well(train(folder, {"--epochs", "1", "--no-leak-check"}));

  const auto lines = lines_of(told.out);
  g_assert_cmpuint(lines.size(), ==, 6);
  g_assert_cmpstr(lines[1].c_str(), ==,
                  "warning: groups in both training and validation: 2, such "
                  "as sign 4");
  g_assert_true(lines[2].starts_with(
      "warning: pictures in both training and validation: 1, such as "));
  g_assert_true(lines[2].find("1.ppm and ") != std::string::npos);
  g_assert_true(
      lines[3].starts_with("warning: pictures that look alike in training and "
                           "validation: 1 pairs, "));
  g_assert_cmpuint(lines_of(silent.out).size(), ==, 3);
}

// What a flag means, given and not, as config.toml says it.
struct Flag {
  const char* name;
  Arguments arguments;
  const char* line;
};

const Flag kFlags[] = {
    {"folders-are-mirrored", {}, "hflip = 0.5"},
    {"not-mirrored", {"--hflip", "0"}, "hflip = 0"},
    {"share", {}, "validation-share = 0.2"},
    {"averaged", {"--model-ema"}, "model-ema = true"},
    {"not-averaged", {"--no-model-ema"}, "model-ema = false"},
    {"a-list", {"--lr-milestones", "1", "2"}, "lr-milestones = [1, 2]"},
    {"a-name-of-torchvisions",
     {"--opt", "sgd_nesterov"},
     "opt = 'sgd_nesterov'"},
    {"a-name-of-timms",
     {"--sched", "cosine"},
     "lr-scheduler = 'cosineannealinglr'"},
    {"repeated", {"--ra-sampler"}, "ra-reps = 3"},
    {"repeated-more", {"--ra-sampler", "--ra-reps", "4"}, "ra-reps = 4"},
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

// As torchvision's references/classification/README.md has them, but for the
// epochs and the small network.
struct Recipe {
  const char* name;
  Arguments arguments;
};

const Recipe kRecipes[] = {
    {"resnet", {}},
    {"vgg", {"--lr", "1e-2"}},
    {"mobilenet-v2",
     {"--lr", "0.045", "--wd", "0.00004", "--lr-step-size", "1", "--lr-gamma",
      "0.98"}},
    {"mobilenet-v3",
     {"--opt", "rmsprop", "--batch-size", "128", "--lr", "0.064", "--wd",
      "0.00001", "--lr-step-size", "2", "--lr-gamma", "0.973", "--auto-augment",
      "imagenet", "--random-erase", "0.2"}},
    {"new-recipe",
     {"--batch-size",
      "128",
      "--lr",
      "0.5",
      "--lr-scheduler",
      "cosineannealinglr",
      "--lr-warmup-epochs",
      "5",
      "--lr-warmup-method",
      "linear",
      "--auto-augment",
      "ta_wide",
      "--random-erase",
      "0.1",
      "--weight-decay",
      "0.00002",
      "--norm-weight-decay",
      "0.0",
      "--label-smoothing",
      "0.1",
      "--mixup-alpha",
      "0.2",
      "--cutmix-alpha",
      "1.0",
      "--train-crop-size",
      "176",
      "--model-ema",
      "--val-resize-size",
      "232",
      "--ra-sampler",
      "--ra-reps",
      "4"}},
    {"vision-transformer",
     {"--batch-size",
      "512",
      "--opt",
      "adamw",
      "--lr",
      "0.003",
      "--wd",
      "0.3",
      "--lr-scheduler",
      "cosineannealinglr",
      "--lr-warmup-method",
      "linear",
      "--lr-warmup-epochs",
      "30",
      "--lr-warmup-decay",
      "0.033",
      "--amp",
      "--label-smoothing",
      "0.11",
      "--mixup-alpha",
      "0.2",
      "--auto-augment",
      "ra",
      "--clip-grad-norm",
      "1",
      "--ra-sampler",
      "--cutmix-alpha",
      "1.0",
      "--model-ema"}},
};

void test_torchvisions_recipes_are_understood(gconstpointer data) {
  const TemporaryFolder folder;
  write_set(folder);
  Arguments arguments = {
      "train",   "--data-path",    folder / "set", "--epochs",    "1",
      "--model", "cifar_resnet20", "--output-dir", folder / "run"};
  const Arguments& recipe = static_cast<const Recipe*>(data)->arguments;
  arguments.insert(arguments.end(), recipe.begin(), recipe.end());

  run_well(arguments);

  g_assert_true(read_json(folder / "run/status.json")["state"] == "done");
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
    {"scheduler", "set", "run", {"--sched", "magic"}, kWrongUsage, "magic"},
    {"no-number", "set", "run", {"--lr", "fast"}, kWrongUsage, "--lr"},
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
  g_test_add_func("/program/train/pictures-in-both-parts-are-told",
                  test_pictures_in_both_parts_are_told);
  g_test_add_func("/program/train/its-model-answers-as-it-was-measured",
                  test_its_model_answers_as_it_was_measured);
  g_test_add_func("/program/train/its-own-configuration-repeats-it",
                  test_its_own_configuration_repeats_it);
  support::add_rows("/program/train/the-configuration-is-complete", kFlags,
                    test_the_configuration_is_complete);
  support::add_rows("/program/train/torchvisions-recipes-are-understood",
                    kRecipes, test_torchvisions_recipes_are_understood);
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
