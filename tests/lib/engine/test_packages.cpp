// SPDX-License-Identifier: LGPL-2.1-or-later
// AOTInductor packages that the real PyTorch has compiled.
#include <glib.h>

#include <string>
#include <vector>

#include "formats/model_info.h"
#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
namespace fs = std::filesystem;

constexpr char kPython[] = "TORCHCLASSIFY_TEST_PYTHON";

ModelInfo description() {
  ModelInfo info;
  info.architecture = "lights";
  info.classes = {"stop", "wait", "go"};
  info.preprocessing.crop_width = 32;
  info.preprocessing.crop_height = 32;
  info.preprocessing.mean = {0, 0, 0};
  info.preprocessing.std = {1, 1, 1};
  return info;
}

void compile_packages(const char* python, const fs::path& folder) {
  support::write_file(folder / "description.json", to_json(description()));
  g_setenv("TORCHINDUCTOR_CACHE_DIR", (folder / "cache").c_str(), TRUE);
  const std::string script =
      support::test_file("../lib/engine/make_packages.py").string();
  const char* const words[] = {python, script.c_str(), folder.c_str(), nullptr};
  g_autofree char* complaints = nullptr;
  int status = -1;
  g_assert_true(g_spawn_sync(nullptr, const_cast<char**>(words), nullptr,
                             G_SPAWN_STDOUT_TO_DEV_NULL, nullptr, nullptr,
                             nullptr, &complaints, &status, nullptr));
  if (status != 0)
    g_error("make_packages.py: %s", complaints);
}

// The folder of the packages, made once. Empty, and the test is skipped, where
// there is no Python that makes them.
fs::path packages_or_skip() {
  const char* const python = g_getenv(kPython);
  if (!python) {
    g_test_skip("no TORCHCLASSIFY_TEST_PYTHON, a Python with PyTorch");
    return {};
  }
  static const support::TemporaryFolder folder;
  static bool made = false;
  if (!made)
    compile_packages(python, folder.path());
  made = true;
  return folder.path();
}

ClassifierOptions options_of(const fs::path& file) {
  return {.model_file = file.string(),
          .device = "cpu",
          .batch_size = 4,
          .batch_timeout_ns = 0,
          .workers = 2,
          .allow_code = true};
}

std::vector<float> logits_of(Classifier& classifier, int red) {
  Picture8 picture = self_check_picture(40, 40);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    picture.pixels[i] = static_cast<std::uint8_t>(red);
    picture.pixels[i + 1] = 125;
    picture.pixels[i + 2] = 0;
  }
  return classifier.classify(picture.view(), {.logits = true}).logits;
}

std::vector<float> normalised(int red) {
  const Preprocessing usual;
  const float values[] = {static_cast<float>(red) / 255, 125.0f / 255, 0};
  std::vector<float> logits;
  for (std::size_t i = 0; i < 3; ++i)
    logits.push_back((values[i] - usual.mean[i]) / usual.std[i]);
  return logits;
}

struct Package {
  const char* name;
  const char* input;          // as it is found
  std::vector<float> logits;  // for red 250
};
const Package kPackages[] = {
    {"any-batch", "float32 [N, 3, 32, 32]", normalised(250)},
    {"bytes", "uint8 [N, 32, 32, 3]", {250, 125, 0}},
    {"one-picture", "float32 [N, 3, 32, 32]", {250.0f / 255, 125.0f / 255, 0}},
};

// Opening runs batches of 1, 2 and 4.
void test_package(gconstpointer data) {
  const Package& package = *static_cast<const Package*>(data);
  const fs::path folder = packages_or_skip();
  if (folder.empty())
    return;

  const auto classifier = open_classifier(
      options_of(folder / (package.name + std::string(".pt2"))));

  const ModelInfo& info = classifier->info();
  g_assert_cmpstr(info.provenance.at("input").c_str(), ==, package.input);
  support::assert_near(logits_of(*classifier, 250), package.logits, 0.01f);
  g_assert_cmpfloat(logits_of(*classifier, 20)[0], <, package.logits[0]);
}

void test_description() {
  const fs::path folder = packages_or_skip();
  if (folder.empty())
    return;

  const auto described =
      open_classifier(options_of(folder / "one-picture.pt2"));
  const auto assumed = open_classifier(options_of(folder / "any-batch.pt2"));

  g_assert_cmpstr(described->classes()[2].c_str(), ==, "go");
  g_assert_cmpstr(assumed->classes()[2].c_str(), ==, "2");
  g_assert_cmpstr(assumed->info().architecture.c_str(), ==, "aotinductor");
}

void test_description_of_another_size() {
  const fs::path folder = packages_or_skip();
  if (folder.empty())
    return;
  const support::TemporaryFolder own;
  const fs::path file = own / "model.pt2";
  fs::copy_file(folder / "any-batch.pt2", file);
  ModelInfo wrong = description();
  wrong.preprocessing.crop_width = 33;
  support::write_file(own / "model.pt2.json", to_json(wrong));

  support::expect_error(
      ErrorCode::kBadData, [&] { open_classifier(options_of(file)); },
      "float32 [N, 3, 32, 32]", file.c_str());
}

void test_two_inputs() {
  const fs::path folder = packages_or_skip();
  if (folder.empty())
    return;

  support::expect_error(
      ErrorCode::kUnsupported,
      [&] { open_classifier(options_of(folder / "two-inputs.pt2")); },
      "got 2 in and 2 out", "expected a model of one tensor");
}

void test_cut_package() {
  const fs::path folder = packages_or_skip();
  if (folder.empty())
    return;
  const support::TemporaryFolder own;
  const std::string right = support::read_file(folder / "any-batch.pt2");
  support::write_file(own / "model.pt2", right.substr(0, right.size() / 2));

  support::expect_error(
      ErrorCode::kBadData,
      [&] { open_classifier(options_of(own / "model.pt2")); }, "model.pt2");
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"say-in-their-metadata-what-they-are", test_description},
    {"are-refused-with-a-description-of-another-size",
     test_description_of_another_size},
    {"are-refused-with-two-inputs", test_two_inputs},
    {"are-refused-when-cut", test_cut_package},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/packages/run", kPackages, test_package);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/packages/") + test.name).c_str(), test.run);
  return g_test_run();
}
