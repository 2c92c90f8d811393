// SPDX-License-Identifier: LGPL-2.1-or-later
// TorchScript files that run: what is found out of them, and what they say.
#include <glib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "formats/model_info.h"
#include "script_model.h"
#include "small_model.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
using support::ScriptInput;
namespace fs = std::filesystem;

constexpr char kMeans[] = R"(
def forward(self, x):
    return torch.matmul(torch.flatten(x, 1), self.weight)
)";

ClassifierOptions options_of(const fs::path& file) {
  return {.model_file = file.string(),
          .device = "cpu",
          .workers = 1,
          .allow_code = true};
}

// One colour all over, and a second picture's.
struct Colour {
  std::uint8_t red, green, blue;
};
constexpr Colour kOrange = {250, 125, 0};
constexpr Colour kSky = {25, 150, 225};

std::vector<float> logits_of(Classifier& classifier, const Colour& colour) {
  Picture8 picture = self_check_picture(40, 40);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    picture.pixels[i] = colour.red;
    picture.pixels[i + 1] = colour.green;
    picture.pixels[i + 2] = colour.blue;
  }
  return classifier.classify(picture.view(), {.logits = true}).logits;
}

std::vector<float> normalised(const Colour& colour) {
  const Preprocessing usual;
  const float values[] = {static_cast<float>(colour.red),
                          static_cast<float>(colour.green),
                          static_cast<float>(colour.blue)};
  std::vector<float> logits;
  for (std::size_t i = 0; i < 3; ++i)
    logits.push_back((values[i] / 255 - usual.mean[i]) / usual.std[i]);
  return logits;
}

struct Form {
  const char* name;
  const char* forward;
  ScriptInput input;
  const char* found;          // the provenance's "input"
  std::vector<float> logits;  // for kOrange
};
// Orange is of luma 148.
const Form kForms[] = {
    {"floats-of-32-pixels",
     kMeans,
     {},
     "float32 [N, 3, 32, 32]",
     normalised(kOrange)},
    {"floats-of-64-pixels",
     kMeans,
     {.side = 64},
     "float32 [N, 3, 64, 64]",
     normalised(kOrange)},
    {"grey-floats",
     kMeans,
     {.channels = 1, .side = 28},
     "float32 [N, 1, 28, 28]",
     {148.0f / 255, 148.0f / 255, 148.0f / 255}},
    {"bytes-with-channels-last",
     R"(
def forward(self, x):
    assert x.size(3) == 3
    y = x.permute([0, 3, 1, 2]).float()
    return torch.matmul(torch.flatten(y, 1), self.weight)
)",
     {},
     "uint8 [N, 32, 32, 3]",
     {250, 125, 0}},
    {"bytes-with-channels-first",
     R"(
def forward(self, x):
    assert x.dtype == 0 and x.size(1) == 3
    return torch.matmul(torch.flatten(x.float(), 1), self.weight)
)",
     {},
     "uint8 [N, 3, 32, 32]",
     {250, 125, 0}},
    {"floats-with-channels-last",
     R"(
def forward(self, x):
    assert x.dtype == 6 and x.size(3) == 3
    y = x.permute([0, 3, 1, 2])
    return torch.matmul(torch.flatten(y, 1), self.weight)
)",
     {},
     "float32 [N, 32, 32, 3]",
     normalised(kOrange)},
    {"any-size-as-224-pixels",
     R"(
def forward(self, x):
    return torch.mean(x, [2, 3])
)",
     {},
     "float32 [N, 3, 224, 224]",
     normalised(kOrange)},
};

void test_form(gconstpointer data) {
  const Form& form = *static_cast<const Form*>(data);
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", form.forward, form.input);

  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  const ModelInfo& info = classifier->info();
  g_assert_cmpstr(info.provenance.at("input").c_str(), ==, form.found);
  g_assert_cmpstr(info.architecture.c_str(), ==, "torchscript");
  g_assert_true(info.classes == std::vector<std::string>({"0", "1", "2"}));
  support::assert_near(logits_of(*classifier, kOrange), form.logits, 0.01f);
}

struct Scores {
  const char* name;
  const char* forward;
  Activation activation;
  float confidence;  // of kOrange's best class
};
const Scores kScores[] = {
    {"logits-are-activated",
     R"(
def forward(self, x):
    return 0 * torch.mean(x, [2, 3])
)",
     Activation::kSoftmax, 1.0f / 3},
    {"probabilities-are-not",
     R"(
def forward(self, x):
    return torch.softmax(0 * torch.mean(x, [2, 3]), 1)
)",
     Activation::kNone, 1.0f / 3},
    {"bytes-stand-for-0-to-1",
     R"(
def forward(self, x):
    return (torch.softmax(0 * torch.mean(x, [2, 3]), 1) * 255 + 0.5).byte()
)",
     Activation::kNone, 1.0f / 3},
};

void test_scores(gconstpointer data) {
  const Scores& scores = *static_cast<const Scores*>(data);
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", scores.forward);

  const auto classifier = open_classifier(options_of(folder / "model.pt"));
  const auto answer = classifier->classify(support::numbered_picture(1).view());

  g_assert_true(classifier->info().activation == scores.activation);
  g_assert_cmpfloat_with_epsilon(answer.top.at(0).confidence, scores.confidence,
                                 0.002f);
}

struct Batch {
  const char* name;
  const char* forward;
};
const Batch kBatches[] = {
    {"any-number", kMeans},
    {"one-at-a-time",
     R"(
def forward(self, x):
    return torch.matmul(torch.reshape(x, [1, -1]), self.weight)
)"},
    {"two-at-a-time",
     R"(
def forward(self, x):
    return torch.matmul(torch.reshape(x, [2, 3072]), self.weight)
)"},
    {"one-at-a-time-where-pictures-change-each-other",
     R"(
def forward(self, x):
    y = torch.matmul(torch.flatten(x, 1), self.weight)
    return y - torch.mean(y, [0], True) + torch.mean(y, [0], True) / len(x)
)"},
};

// Opening runs batches of 1, 2 and 3.
void test_batch(gconstpointer data) {
  const Batch& batch = *static_cast<const Batch*>(data);
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", batch.forward);
  ClassifierOptions options = options_of(folder / "model.pt");
  options.batch_size = 3;
  options.batch_timeout_ns = 0;

  const auto classifier = open_classifier(options);

  support::assert_near(logits_of(*classifier, kOrange), normalised(kOrange),
                       0.01f);
  support::assert_near(logits_of(*classifier, kSky), normalised(kSky), 0.01f);
}

ModelInfo traffic_lights() {
  ModelInfo info;
  info.architecture = "lights";
  info.classes = {"stop", "wait", "go"};
  info.preprocessing.resize_mode = ResizeMode::kSquash;
  info.preprocessing.crop_width = 32;
  info.preprocessing.crop_height = 32;
  info.preprocessing.mean = {0, 0, 0};
  info.preprocessing.std = {1, 1, 1};
  info.activation = Activation::kSigmoid;
  return info;
}

void test_description_inside() {
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", kMeans, {},
                       {{"torchclassify", to_json(traffic_lights())}});

  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  g_assert_cmpstr(classifier->classes()[2].c_str(), ==, "go");
  g_assert_cmpstr(classifier->info().architecture.c_str(), ==, "lights");
  support::assert_near(logits_of(*classifier, kOrange),
                       {250.0f / 255, 125.0f / 255, 0}, 1e-4f);
}

void test_description_beside() {
  const support::TemporaryFolder folder;
  ModelInfo beside = traffic_lights();
  beside.classes = {"rouge", "jaune", "vert"};
  support::save_script(folder / "model.pt", kMeans, {},
                       {{"torchclassify", to_json(traffic_lights())}});
  support::write_file(folder / "model.pt.json", to_json(beside));

  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  g_assert_cmpstr(classifier->classes()[0].c_str(), ==, "rouge");
}

// A size that nobody would guess, and bytes because 0 to 255 are asked for.
void test_description_of_bytes() {
  const support::TemporaryFolder folder;
  ModelInfo info = traffic_lights();
  info.preprocessing.crop_width = 20;
  info.preprocessing.crop_height = 10;
  info.preprocessing.std.assign(3, 1.0f / 255);
  support::save_script(folder / "model.pt", R"(
def forward(self, x):
    assert x.dtype == 0 and x.size(2) == 10 and x.size(3) == 20
    return torch.mean(x.float(), [2, 3])
)");
  support::write_file(folder / "model.pt.json", to_json(info));

  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  support::assert_near(logits_of(*classifier, kSky), {25, 150, 225}, 1e-3f);
}

void test_self_check() {
  const support::TemporaryFolder folder;
  ModelInfo info = traffic_lights();
  info.self_check = {.width = 20, .height = 16, .logits = {0.5f, 0.5f, 0.5f}};
  support::save_script(folder / "model.pt", R"(
def forward(self, x):
    return 0 * torch.mean(x, [2, 3]) + 0.5
)");
  support::write_file(folder / "model.pt.json", to_json(info));

  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  g_assert_cmpint(classifier->info().self_check.width, ==, 20);
}

void test_labels() {
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", kMeans);
  support::write_file(folder / "labels.txt", "red\ngreen\nblue\n");
  ClassifierOptions options = options_of(folder / "model.pt");
  options.labels_file = (folder / "labels.txt").string();

  const auto classifier = open_classifier(options);

  g_assert_cmpstr(classifier->classes()[2].c_str(), ==, "blue");
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"a-description-inside-the-file-is-used", test_description_inside},
    {"a-description-beside-the-file-comes-first", test_description_beside},
    {"a-description-gives-size-and-bytes", test_description_of_bytes},
    {"a-described-self-check-is-run", test_self_check},
    {"a-labels-file-names-the-classes", test_labels},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/script-models/input-is-found", kForms, test_form);
  support::add_rows("/script-models/scores", kScores, test_scores);
  support::add_rows("/script-models/batches-of", kBatches, test_batch);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/script-models/") + test.name).c_str(),
                    test.run);
  return g_test_run();
}
