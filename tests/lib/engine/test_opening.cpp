// SPDX-License-Identifier: LGPL-2.1-or-later
// Which handles share an engine, and whose labels they have.
#include <glib.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "small_model.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/classifier.h"

namespace {
using namespace torchclassify;
namespace fs = std::filesystem;
using support::SavedModel;

// Whether a picture for one is counted by the other.
bool share_engine(Classifier& one, const Classifier& other) {
  const auto before = other.statistics().inferred;
  one.classify(support::numbered_picture(1).view());
  return other.statistics().inferred == before + 1;
}

struct Variant {
  const char* name;
  bool shares;
  std::function<void(ClassifierOptions&)> change;
};
const Variant kVariants[] = {
    {"equal-options-share", true, [](auto&) {}},
    {"the-default-spelt-out-shares", true, [](auto& o) { o.batch_size = 1; }},
    {"auto-on-the-cpu-shares", true, [](auto& o) { o.device = "auto"; }},
    {"precision-auto-shares-with-fp32", true,
     [](auto& o) { o.precision = Precision::kFp32; }},
    {"self-check-off-shares", true, [](auto& o) { o.self_check = false; }},
    {"allowing-code-that-is-not-there-shares", true,
     [](auto& o) { o.allow_code = true; }},
    {"another-instance-id-does-not", false,
     [](auto& o) { o.instance_id = "other"; }},
    {"another-batch-size-does-not", false, [](auto& o) { o.batch_size = 2; }},
    {"another-number-of-workers-does-not", false,
     [](auto& o) { o.workers = 2; }},
    {"another-timeout-does-not", false,
     [](auto& o) { o.batch_timeout_ns = 5; }},
    {"another-precision-does-not", false,
     [](auto& o) { o.precision = Precision::kBf16; }},
};

void test_variant(gconstpointer data) {
  const Variant& variant = *static_cast<const Variant*>(data);
  const SavedModel model;
  ClassifierOptions changed = model.options();
  variant.change(changed);

  const auto one = model.open();
  const auto other = open_classifier(changed);

  g_assert_cmpint(share_engine(*one, *other), ==, variant.shares);
  g_assert_cmpint(share_engine(*other, *one), ==, variant.shares);
}

void test_open_at_once() {
  const SavedModel model;
  std::vector<std::unique_ptr<Classifier>> classifiers(6);

  {
    std::vector<std::jthread> threads;
    for (auto& classifier : classifiers)
      threads.emplace_back([&] { classifier = model.open(); });
  }

  for (auto& classifier : classifiers)
    g_assert_true(share_engine(*classifiers[0], *classifier));
}

void test_engine_goes() {
  const SavedModel model;
  auto first = model.open();
  first->classify(support::numbered_picture(1).view());
  first.reset();

  // A worker may hold the engine for a moment after its last answer.
  const auto give_up = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
  while (model.open()->statistics().inferred > 0)
    g_assert_cmpint(g_get_monotonic_time(), <, give_up);
}

void test_replaced_file() {
  SavedModel model;
  const auto before = model.open();
  const auto old = model.module.logits(support::numbered_picture(1).view());
  model.module.set_all("fc.bias", 5);
  model.module.save(model.file);
  fs::last_write_time(model.file,
                      fs::last_write_time(model.file) + std::chrono::hours(1));

  const auto after = model.open();

  const Picture8 picture = support::numbered_picture(1);
  const RequestOptions logits{.logits = true};
  const auto got_before = before->classify(picture.view(), logits).logits;
  const auto got_after = after->classify(picture.view(), logits).logits;
  const auto fresh = model.module.logits(picture.view());
  g_assert_cmpfloat_with_epsilon(got_before[0], old[0], 1e-5f);
  g_assert_cmpfloat_with_epsilon(got_after[0], fresh[0], 1e-5f);
}

void test_deleted_file() {
  const SavedModel model;
  const auto open = model.open();
  fs::remove(model.file);

  support::expect_error(
      ErrorCode::kNotFound, [&] { model.open(); }, model.file.c_str());

  const auto answer = open->classify(support::numbered_picture(1).view());
  g_assert_cmpuint(answer.top.size(), ==, 1);
}

void test_own_classes() {
  const SavedModel model;

  const auto classifier = model.open();

  g_assert_true(classifier->classes() == support::small_info().classes);
  g_assert_true(classifier->info().architecture == "simple_cnn");
  g_assert_cmpint(classifier->info().self_check.width, ==, 64);
}

void test_labels_file() {
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.labels_file = (model.folder / "german.txt").string();
  support::write_file(options.labels_file, "Halt\nVorfahrt\nHauptstraße\n");

  const auto german = open_classifier(options);
  const auto english = model.open();

  g_assert_cmpstr(german->classes()[2].c_str(), ==, "Hauptstraße");
  g_assert_cmpstr(german->info().classes[2].c_str(), ==, "priority");
  g_assert_cmpstr(english->classes()[2].c_str(), ==, "priority");
  g_assert_true(share_engine(*german, *english));
}

struct BadLabels {
  const char* name;
  const char* content;  // null: no file
  ErrorCode code;
  const char* word;
};
const BadLabels kBadLabels[] = {
    {"missing", nullptr, ErrorCode::kNotFound, "labels.txt"},
    {"too-few", "a\nb\n", ErrorCode::kBadData, "expected 3 class names, got 2"},
    {"too-many", "a\nb\nc\nd\n", ErrorCode::kBadData, "got 4"},
    {"empty", "", ErrorCode::kBadData, "labels.txt"},
};

void test_bad_labels(gconstpointer data) {
  const BadLabels& bad = *static_cast<const BadLabels*>(data);
  const SavedModel model;
  ClassifierOptions options = model.options();
  options.labels_file = (model.folder / "labels.txt").string();
  if (bad.content)
    support::write_file(options.labels_file, bad.content);

  support::expect_error(
      bad.code, [&] { open_classifier(options); }, bad.word, "labels.txt");
  support::write_file(options.labels_file, "a\nb\nc\n");
  const auto classifier = open_classifier(options);

  g_assert_cmpstr(classifier->classes()[0].c_str(), ==, "a");
}

void test_c_name() {
  const SavedModel model;

  const std::unique_ptr<Classifier> classifier(
      torchclassify_open(model.options()));

  g_assert_cmpstr(kOpenSymbol, ==, "torchclassify_open");
  g_assert_cmpuint(classifier->classes().size(), ==, 3);
}

struct Test {
  const char* name;
  GTestFunc run;
};
const Test kTests[] = {
    {"handles-opened-at-once-share-one-engine", test_open_at_once},
    {"the-engine-goes-with-its-last-user", test_engine_goes},
    {"a-replaced-file-is-another-engine", test_replaced_file},
    {"a-deleted-file-is-missed-by-newcomers-only", test_deleted_file},
    {"classes-are-the-files-own", test_own_classes},
    {"a-labels-file-replaces-the-classes-of-its-handle", test_labels_file},
    {"c-callers-find-the-same", test_c_name},
};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  for (const Test& test : kTests)
    g_test_add_func((std::string("/opening/") + test.name).c_str(), test.run);
  support::add_rows("/opening/engine", kVariants, test_variant);
  support::add_rows("/opening/refuses-labels-until-they-are-right", kBadLabels,
                    test_bad_labels);
  return g_test_run();
}
