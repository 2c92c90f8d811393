// SPDX-License-Identifier: LGPL-2.1-or-later
// Files of code that must not run, or not as classifiers.
#include <glib.h>

#include <functional>
#include <string>

#include "formats/model_info.h"
#include "lib/formats/zip_bytes.h"
#include "script_model.h"
#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
namespace fs = std::filesystem;

constexpr char kMeans[] = R"(
def forward(self, x):
    return torch.matmul(torch.flatten(x, 1), self.weight)
)";

ClassifierOptions options_of(const fs::path& file, bool allow_code = true) {
  return {.model_file = file.string(),
          .device = "cpu",
          .workers = 1,
          .allow_code = allow_code};
}

// One line, and nothing of where in LibTorch it happened.
template <typename... Words>
void expect_refusal(ErrorCode code, const ClassifierOptions& options,
                    Words... words) {
  support::expect_error(
      code,
      [&] {
        try {
          open_classifier(options);
        } catch (const Error& error) {
          const std::string message = error.what();
          g_assert_true(message.find_first_of("\n\r") == message.npos);
          g_assert_true(message.find("frame #") == message.npos);
          throw;
        }
      },
      options.model_file.c_str(), words...);
}

struct CodeFile {
  const char* name;
  std::function<void(const fs::path&)> write;
};
const CodeFile kCodeFiles[] = {
    {"torchscript", [](auto& path) { support::save_script(path, kMeans); }},
    // Whoever loaded these would find that they are broken.
    {"torchscript-that-does-not-load",
     [](auto& path) {
       support::write_file(
           path, support::zip_bytes({{"model/constants.pkl", "no pickle"},
                                     {"model/code/__torch__.py", "no code"},
                                     {"model/data.pkl", "no pickle"}}));
     }},
    {"a-package",
     [](auto& path) {
       support::write_file(
           path, support::zip_bytes(
                     {{"model/archive_format", "pt2"},
                      {"model/data/aotinductor/model/c.so", "no code"}}));
     }},
    {"an-old-package",
     [](auto& path) {
       support::write_file(
           path,
           support::zip_bytes({{"data/aotinductor/model/c.so", "no code"}}));
     }},
};

void test_refused_unless_allowed(gconstpointer data) {
  const CodeFile& file = *static_cast<const CodeFile*>(data);
  const support::TemporaryFolder folder;
  // The name says nothing.
  const fs::path path = folder / "model.safetensors";
  file.write(path);

  expect_refusal(ErrorCode::kUnsupported, options_of(path, false),
                 "allow-code=true", "--allow-code", "executes code");
}

struct BadScript {
  const char* name;
  const char* methods;
  ErrorCode code;
  const char* word;
};
const BadScript kBadScripts[] = {
    {"two-inputs", R"(
def forward(self, x, y):
    return x + y
)",
     ErrorCode::kUnsupported, "got forward(Tensor, Tensor) -> Tensor"},
    {"no-input", R"(
def forward(self):
    return self.weight
)",
     ErrorCode::kUnsupported, "got forward() -> Tensor"},
    {"a-number-as-input", R"(
def forward(self, x: int):
    return self.weight + x
)",
     ErrorCode::kUnsupported, "got forward(int) -> Tensor"},
    {"a-list-as-input", R"(
def forward(self, x: List[Tensor]):
    return x[0]
)",
     ErrorCode::kUnsupported, "Tensor[]"},
    {"two-outputs", R"(
def forward(self, x):
    return x, x
)",
     ErrorCode::kUnsupported, "(Tensor, Tensor)"},
    {"a-number-as-output", R"(
def forward(self, x):
    return x.dim()
)",
     ErrorCode::kUnsupported, "-> int"},
    {"no-forward", R"(
def backward(self, x):
    return x
)",
     ErrorCode::kUnsupported, "without forward()"},
    {"a-scalar-tensor", R"(
def forward(self, x):
    return torch.sum(x)
)",
     ErrorCode::kUnsupported, "got Float []"},
    {"a-map", R"(
def forward(self, x):
    return x
)",
     ErrorCode::kUnsupported, "got Float [1, 3, 224, 224]"},
    {"the-best-classes-number", R"(
def forward(self, x):
    return torch.argmax(torch.mean(x, [2, 3]), 1, True)
)",
     ErrorCode::kUnsupported, "got Long [1, 1]"},
    {"another-batch-size", R"(
def forward(self, x):
    y = torch.mean(x, [2, 3])
    return torch.cat([y, y])
)",
     ErrorCode::kUnsupported, "got Float [2, 3]"},
    {"no-classes", R"(
def forward(self, x):
    return torch.mean(x, [2, 3])[:, :0]
)",
     ErrorCode::kUnsupported, "got Float [1, 0]"},
    {"an-exception", R"(
def forward(self, x):
    assert x.dim() == 3, "out of coffee"
    return x
)",
     ErrorCode::kUnsupported, "out of coffee"},
    {"an-impossible-shape", R"(
def forward(self, x):
    return torch.matmul(x, torch.zeros([7, 7]))
)",
     ErrorCode::kUnsupported, "described in"},
    {"nan", R"(
def forward(self, x):
    return torch.mean(x, [2, 3]) * float("nan")
)",
     ErrorCode::kBadData, "NaN"},
    {"infinity", R"(
def forward(self, x):
    return torch.mean(x, [2, 3]) / 0.0
)",
     ErrorCode::kBadData, "NaN or Inf"},
    // Warming up is done with pictures of zeros.
    {"another-shape-later", R"(
def forward(self, x):
    y = torch.mean(x, [2, 3])
    if float(torch.max(torch.abs(x))) == 0.0:
        return y[:, :1]
    return y
)",
     ErrorCode::kInternal, "expected scores [1, 3], got Float [1, 1]"},
    {"an-exception-later", R"(
def forward(self, x):
    assert float(torch.max(torch.abs(x))) > 0.0, "no picture"
    return torch.mean(x, [2, 3])
)",
     ErrorCode::kInternal, "no picture"},
};

void test_bad_script(gconstpointer data) {
  const BadScript& bad = *static_cast<const BadScript*>(data);
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", bad.methods);

  expect_refusal(bad.code, options_of(folder / "model.pt"), bad.word);
  support::save_script(folder / "model.pt", kMeans);
  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  g_assert_cmpuint(classifier->classes().size(), ==, 3);
}

struct BadDescription {
  const char* name;
  std::function<std::string(ModelInfo)> spoil;
  ErrorCode code;
  const char* word;
};
const BadDescription kBadDescriptions[] = {
    {"no-json", [](auto) { return "model"; }, ErrorCode::kBadData, "JSON"},
    {"empty", [](auto) { return ""; }, ErrorCode::kBadData, "JSON"},
    {"another-number-of-classes",
     [](ModelInfo info) {
       info.classes.pop_back();
       return to_json(info);
     },
     ErrorCode::kBadData, "2 described classes, got 3"},
    {"another-size",
     [](ModelInfo info) {
       info.preprocessing.crop_width = 33;
       return to_json(info);
     },
     ErrorCode::kUnsupported, "[N, 3, 32, 33]"},
    {"another-number-of-channels",
     [](ModelInfo info) {
       info.preprocessing.channels = 1;
       info.preprocessing.mean = {0};
       info.preprocessing.std = {1};
       return to_json(info);
     },
     ErrorCode::kUnsupported, "[N, 1, 32, 32]"},
    {"another-self-check",
     [](ModelInfo info) {
       info.self_check = {.width = 8, .height = 8, .logits = {9, 9, 9}};
       return to_json(info);
     },
     ErrorCode::kBadData, "self-check"},
};

void test_bad_description(gconstpointer data) {
  const BadDescription& bad = *static_cast<const BadDescription*>(data);
  const support::TemporaryFolder folder;
  ModelInfo info = support::small_info();
  info.preprocessing.crop_width = 32;
  info.preprocessing.crop_height = 32;
  support::save_script(folder / "model.pt", kMeans);
  support::write_file(folder / "model.pt.json", bad.spoil(info));

  expect_refusal(bad.code, options_of(folder / "model.pt"), bad.word);
  support::write_file(folder / "model.pt.json", to_json(info));
  const auto classifier = open_classifier(options_of(folder / "model.pt"));

  g_assert_cmpstr(classifier->classes()[0].c_str(), ==, "stop");
}

struct BadFile {
  const char* name;
  std::function<std::string(const std::string&)> spoil;
  ErrorCode code;
};
const BadFile kBadFiles[] = {
    {"cut-in-half",
     [](auto& right) { return right.substr(0, right.size() / 2); },
     ErrorCode::kBadData},
    {"cut-by-a-byte",
     [](auto& right) { return right.substr(0, right.size() - 1); },
     ErrorCode::kBadData},
    {"without-its-beginning",
     [](auto& right) { return "PK\x03\x04" + right.substr(right.size() / 2); },
     ErrorCode::kBadData},
    {"of-broken-code",
     [](auto&) {
       return support::zip_bytes({{"model/constants.pkl", "no pickle"},
                                  {"model/code/__torch__.py", "no code"},
                                  {"model/data.pkl", "no pickle"},
                                  {"model/version", "3\n"}});
     },
     ErrorCode::kBadData},
    {"of-a-package-without-code",
     [](auto&) {
       return support::zip_bytes({{"model/archive_format", "pt2"},
                                  {"model/models/model.json", "{}"}});
     },
     ErrorCode::kUnsupported},
    {"of-a-package-with-two-models",
     [](auto&) {
       return support::zip_bytes({{"m/data/aotinductor/one/c.so", ""},
                                  {"m/data/aotinductor/two/c.so", ""}});
     },
     ErrorCode::kUnsupported},
    {"of-a-package-with-broken-metadata",
     [](auto&) {
       return support::zip_bytes(
           {{"m/data/aotinductor/model/c_metadata.json", "{"}});
     },
     ErrorCode::kBadData},
    {"of-a-package-for-another-device",
     [](auto&) {
       return support::zip_bytes({{"m/data/aotinductor/model/c_metadata.json",
                                   R"({"AOTI_DEVICE_KEY": "cuda"})"}});
     },
     ErrorCode::kUnsupported},
    {"of-a-package-for-another-processor",
     [](auto&) {
       return support::zip_bytes({{"m/data/aotinductor/model/c_metadata.json",
                                   R"({"AOTI_CPU_ISA": "AVX9000"})"}});
     },
     ErrorCode::kUnsupported},
    {"of-a-package-whose-code-does-not-load",
     [](auto&) {
       return support::zip_bytes({{"m/data/aotinductor/model/c.so", "no code"},
                                  {"m/archive_format", "pt2"}});
     },
     ErrorCode::kUnsupported},
};

void test_bad_file(gconstpointer data) {
  const BadFile& bad = *static_cast<const BadFile*>(data);
  const support::TemporaryFolder folder;
  const fs::path file = folder / "model.pt";
  support::save_script(file, kMeans);
  const std::string right = support::read_file(file);
  support::write_file(file, bad.spoil(right));

  expect_refusal(bad.code, options_of(file));
  support::write_file(file, right);
  const auto classifier = open_classifier(options_of(file));

  g_assert_cmpuint(classifier->classes().size(), ==, 3);
}

void test_half_precision() {
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", kMeans);
  ClassifierOptions options = options_of(folder / "model.pt");
  options.precision = Precision::kBf16;

  expect_refusal(ErrorCode::kUnsupported, options, "precision");
  options.precision = Precision::kFp32;

  open_classifier(options);
}

void test_labels() {
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", kMeans);
  support::write_file(folder / "labels.txt", "red\ngreen\n");
  ClassifierOptions options = options_of(folder / "model.pt");
  options.labels_file = (folder / "labels.txt").string();

  support::expect_error(
      ErrorCode::kBadData, [&] { open_classifier(options); },
      "expected 3 class names, got 2", "labels.txt");
}

void test_one_user_does_not_allow_it_for_another() {
  const support::TemporaryFolder folder;
  support::save_script(folder / "model.pt", kMeans);
  const auto running = open_classifier(options_of(folder / "model.pt"));

  expect_refusal(ErrorCode::kUnsupported,
                 options_of(folder / "model.pt", false), "allow-code");
}

void test_two_inputs_of_the_world() {
  const fs::path file =
      support::real_data_or_skip("weights/sample_3x4_two_input_two_output.pt");
  if (file.empty())
    return;

  expect_refusal(ErrorCode::kUnsupported, options_of(file),
                 "expected a model of one tensor",
                 "got forward(Tensor, Tensor) -> (Tensor, Tensor)");
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"half-precision", test_half_precision},
    {"labels-of-another-number", test_labels},
    {"a-user-who-does-not-allow-what-another-does",
     test_one_user_does_not_allow_it_for_another},
    {"a-recurrent-cell-of-the-world", test_two_inputs_of_the_world},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/code-refusals/unless-allowed", kCodeFiles,
                    test_refused_unless_allowed);
  support::add_rows("/code-refusals/script-of", kBadScripts, test_bad_script);
  support::add_rows("/code-refusals/description", kBadDescriptions,
                    test_bad_description);
  support::add_rows("/code-refusals/file", kBadFiles, test_bad_file);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/code-refusals/") + test.name).c_str(),
                    test.run);
  return g_test_run();
}
