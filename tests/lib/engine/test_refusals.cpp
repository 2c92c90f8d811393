// SPDX-License-Identifier: LGPL-2.1-or-later
// Model files that must not open, and that a right one opens after them.
#include <glib.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "../formats/safetensors_bytes.h"
#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
namespace fs = std::filesystem;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr char kName[] = "model.safetensors";

ClassifierOptions options_of(const fs::path& file) {
  return {.model_file = file.string(), .device = "cpu", .workers = 1};
}

// Replaces the first one, by something of the same length.
std::string replaced(std::string text, const std::string& what,
                     const std::string& by) {
  const std::size_t at = text.find(what);
  g_assert_true(at != text.npos && what.size() == by.size());
  return text.replace(at, what.size(), by);
}

struct BadFile {
  const char* name;
  // From what a right file holds.
  std::function<std::string(const std::string&)> spoil;
  ErrorCode code;
  const char* word;
};
const BadFile kBadFiles[] = {
    {"empty", [](auto&) { return ""; }, ErrorCode::kBadData, "got 0"},
    {"text", [](auto&) { return "these are no weights\n"; },
     ErrorCode::kBadData, kName},
    {"of-zeros", [](auto&) { return std::string(4096, '\0'); },
     ErrorCode::kBadData, kName},
    {"truncated-in-the-header", [](auto& right) { return right.substr(0, 99); },
     ErrorCode::kBadData, kName},
    {"truncated-in-the-weights",
     [](auto& right) { return right.substr(0, right.size() - 1); },
     ErrorCode::kBadData, kName},
    {"too-long", [](auto& right) { return right + "x"; }, ErrorCode::kBadData,
     kName},
    {"lying-about-its-header",
     [](auto& right) {
       return support::safetensors_bytes(right.substr(8), "", 1ull << 62);
     },
     ErrorCode::kBadData, kName},
    {"without-description",
     [](auto&) { return support::safetensors_bytes("{}", ""); },
     ErrorCode::kUnsupported, "convert"},
    {"of-a-cut-zip-archive",
     [](auto&) { return std::string("PK\x03\x04\x14\0\0\0data.pkl", 16); },
     ErrorCode::kBadData, "zip"},
    {"of-a-cut-old-torch-save",
     [](auto&) { return std::string("\x80\x02\x8a\nl\xfc\x9c\x46\xf9"); },
     ErrorCode::kBadData, kName},
    {"with-a-tensor-of-another-name",
     [](auto& right) { return replaced(right, "fc.bias", "fc.bia2"); },
     ErrorCode::kBadData, "fc.bia"},
    {"with-a-tensor-of-another-shape",
     [](auto& right) { return replaced(right, "[16,3,3,3]", "[3,16,3,3]"); },
     ErrorCode::kBadData, "conv1.weight"},
    {"of-an-unknown-architecture",
     [](auto& right) { return replaced(right, "simple_cnn", "simple_cmm"); },
     ErrorCode::kUnsupported, "simple_cmm"},
};

void test_bad_file(gconstpointer data) {
  const BadFile& bad = *static_cast<const BadFile*>(data);
  const support::TemporaryFolder folder;
  const fs::path file = folder / kName;
  support::SmallModel().save(file);
  const std::string right = support::read_file(file);
  support::write_file(file, bad.spoil(right));

  support::expect_error(
      bad.code, [&] { open_classifier(options_of(file)); }, bad.word,
      file.c_str());
  support::write_file(file, right);
  const auto classifier = open_classifier(options_of(file));

  g_assert_cmpuint(classifier->classes().size(), ==, 3);
}

// The user looks for the name that the user gave, not for the link's target.
void test_link() {
  const support::TemporaryFolder folder;
  support::write_file(folder / "target", "{}");
  fs::create_symlink("target", folder / "link");

  support::expect_error(
      ErrorCode::kBadData,
      [&] { open_classifier(options_of(folder / "link")); },
      (folder / "link").c_str());
}

struct BadWeight {
  const char* name;
  const char* parameter;
  float value;
};
const BadWeight kBadWeights[] = {
    {"nan", "conv1.weight", NAN},
    {"infinity", "fc.bias", kInfinity},
    {"negative-infinity", "fc.weight", -kInfinity},
};

void test_bad_weight(gconstpointer data) {
  const BadWeight& bad = *static_cast<const BadWeight*>(data);
  const support::TemporaryFolder folder;
  support::SmallModel model;
  model.set_all(bad.parameter, bad.value);
  model.save_as_it_is(folder / kName);

  support::expect_error(
      ErrorCode::kBadData, [&] { open_classifier(options_of(folder / kName)); },
      bad.parameter, kName);
}

struct SelfCheckRow {
  const char* name;
  std::vector<float> logits;  // as recorded; the model gives 0, 0, 0
  Precision precision;
  bool passes;
};
const SelfCheckRow kSelfChecks[] = {
    {"that-matches", {0, 0, 0}, Precision::kFp32, true},
    {"within-rounding", {5e-4f, 0, 0}, Precision::kFp32, true},
    {"of-bf16-within-its-rounding", {0.05f, 0, 0}, Precision::kBf16, true},
    {"of-other-logits", {0, 0, 0.01f}, Precision::kFp32, false},
    {"of-other-logits-in-bf16", {0, -0.2f, 0}, Precision::kBf16, false},
    {"of-other-logits-in-fp16", {0.05f, 0, 0}, Precision::kFp16, false},
    {"of-a-huge-logit",
     {0, 0, std::numeric_limits<float>::max()},
     Precision::kFp32,
     false},
};

void test_self_check(gconstpointer data) {
  const SelfCheckRow& row = *static_cast<const SelfCheckRow*>(data);
  const support::TemporaryFolder folder;
  support::SmallModel model;
  model.set_all("fc.weight", 0);
  model.set_all("fc.bias", 0);
  ModelInfo info = support::small_info();
  info.self_check = {.width = 20, .height = 16, .logits = row.logits};
  model.save_as_it_is(folder / kName, info);
  ClassifierOptions options = options_of(folder / kName);
  options.precision = row.precision;

  if (row.passes)
    open_classifier(options);
  else
    support::expect_error(
        ErrorCode::kBadData, [&] { open_classifier(options); }, "self-check",
        kName);
  options.self_check = false;
  const auto unchecked = open_classifier(options);

  g_assert_cmpuint(unchecked->classes().size(), ==, 3);
}

struct Overflow {
  const char* name;
  float last_weight;
};
const Overflow kOverflows[] = {
    {"infinity", 1}, {"nan", 0},  // infinity times zero
};

// In range for float32, not for fp16: what a file of a larger type may hold.
void test_overflow(gconstpointer data) {
  const Overflow& row = *static_cast<const Overflow*>(data);
  const support::TemporaryFolder folder;
  support::SmallModel model;
  model.set_all("conv1.weight", 0);
  model.set_all("conv1.bias", 1e5f);
  model.set_all("fc.weight", row.last_weight);
  model.save(folder / kName);
  ClassifierOptions options = options_of(folder / kName);
  open_classifier(options);

  options.precision = Precision::kFp16;
  support::expect_error(
      ErrorCode::kBadData, [&] { open_classifier(options); }, "self-check",
      kName);
}

void test_refused_beside_a_running_one() {
  const support::TemporaryFolder folder;
  const support::SmallModel model;
  model.save(folder / kName);
  support::write_file(folder / "broken.safetensors", "broken");
  const auto running = open_classifier(options_of(folder / kName));

  for (int i = 0; i < 3; ++i)
    support::expect_error(ErrorCode::kBadData, [&] {
      open_classifier(options_of(folder / "broken.safetensors"));
    });

  const auto answer = running->classify(support::numbered_picture(1).view());
  g_assert_cmpuint(answer.top.size(), ==, 1);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/refusals/a-file-until-it-is-right", kBadFiles,
                    test_bad_file);
  g_test_add_func("/refusals/name-the-file-as-the-user-does", test_link);
  support::add_rows("/refusals/weights", kBadWeights, test_bad_weight);
  support::add_rows("/refusals/self-check", kSelfChecks, test_self_check);
  support::add_rows("/refusals/self-check-of-overflow-to", kOverflows,
                    test_overflow);
  g_test_add_func("/refusals/do-not-disturb-a-running-engine",
                  test_refused_beside_a_running_one);
  return g_test_run();
}
