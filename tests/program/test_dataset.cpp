// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify dataset`, as a user and as a script see it.
#include <glib.h>

#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "trainer/written_archive.h"

using program::Arguments;
using program::expect_failure;
using program::run;
using program::run_well;
using support::TemporaryFolder;
using support::write_file;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Of one grey value and one brighter corner: another for each value, and one
// that looks another where the values are 9 apart or more.
std::string ppm(char value) {
  return "P6 20 20 255\n" + std::string(1199, value) + "~";
}

void write_picture(const fs::path& path, char value) {
  fs::create_directories(path.parent_path());
  write_file(path, ppm(value));
}

// Two classes in two parts, without a fault.
void write_good_set(const fs::path& folder) {
  write_picture(folder / "train/cat/1.ppm", '!');
  write_picture(folder / "train/cat/2.ppm", '3');
  write_picture(folder / "train/dog/3.ppm", 'E');
  write_picture(folder / "val/cat/4.ppm", 'W');
  write_picture(folder / "val/dog/5.ppm", 'i');
}

void test_the_json_is_one_object() {
  const TemporaryFolder folder;
  write_good_set(folder.path());

  const auto json =
      Json::parse(run_well({"dataset", folder.path(), "--json"}).out);

  program::expect_keys(
      json, {"layout", "multi_label", "pictures", "classes", "parts", "width",
             "height", "kinds", "file_bytes", "mean", "std", "unreadable",
             "suspicious", "duplicates", "near_duplicates", "group_leaks",
             "co_occurrence"});
  g_assert_true(json["classes"] == Json({"cat", "dog"}));
  program::expect_keys(json["parts"][0],
                       {"part", "pictures", "unreadable", "unlabelled",
                        "imbalance_ratio", "per_class"});
  g_assert_true(json["parts"][0]["per_class"] == Json({2, 1}));
  g_assert_true(json["parts"][1]["part"] == "validation");
}

void test_the_text_has_what_training_needs() {
  const TemporaryFolder folder;
  write_good_set(folder.path());

  const std::string text = run_well({"dataset", folder.path()}).out;

  for (const char* words :
       {"imagefolder", "mean", "std", "train                3", "2.00", "cat",
        "nothing found to worry about"}) {
    if (text.find(words) == std::string::npos)
      g_error("no \"%s\" in:\n%s", words, text.c_str());
  }
}

void test_findings_are_no_failure() {
  const TemporaryFolder folder;
  write_good_set(folder.path());
  write_file(folder / "train/dog/broken.ppm", "P6 20 20 255\nx");

  const std::string text = run_well({"dataset", folder.path()}).out;

  g_assert_true(text.find("unreadable pictures: 1") != std::string::npos);
  g_assert_true(text.find("train/dog/broken.ppm") != std::string::npos);
}

void test_parts_can_be_chosen() {
  const TemporaryFolder folder;
  write_good_set(folder.path());

  const auto json = Json::parse(
      run_well({"dataset", folder.path(), "--json", "--split", "val"}).out);

  g_assert_cmpint(json["pictures"].get<int>(), ==, 2);
}

void test_a_set_without_faults_is_well_strictly_too() {
  const TemporaryFolder folder;
  write_good_set(folder.path());

  run_well({"dataset", folder.path(), "--strict"});
}

struct Fault {
  const char* name;
  const char* file;
  std::string content;
  const char* words;
};

const Fault kFaults[] = {
    {"unreadable", "train/cat/9.ppm", "P6 20 20 255\n", "1 unreadable"},
    {"with-two-labels", "train/dog/9.ppm", ppm('!'), "1 with different labels"},
    {"in-two-parts", "val/cat/9.ppm", ppm('!'), "1 duplicates across parts"}};

void test_strictly_a_fault_is_a_failure(gconstpointer data) {
  const auto& fault = *static_cast<const Fault*>(data);
  const TemporaryFolder folder;
  write_good_set(folder.path());
  write_file(folder / fault.file, fault.content);

  const auto outcome = run({"dataset", folder.path(), "--strict", "--json"});

  expect_failure(outcome, program::kBadData, {fault.words, folder.path()});
  g_assert_true(Json::parse(outcome.out).contains("parts"));
}

void test_strictly_a_group_in_two_parts_is_a_failure() {
  const TemporaryFolder folder;
  write_picture(folder / "1.ppm", '!');
  write_picture(folder / "2.ppm", 'E');
  write_file(folder / "set.csv",
             "path,label,split,group\n1.ppm,a,train,g\n2.ppm,a,val,g\n");

  expect_failure(run({"dataset", folder / "set.csv", "--strict"}),
                 program::kBadData, {"1 groups in more than one part"});
}

struct WrongUse {
  const char* name;
  Arguments arguments;  // after "dataset"
  program::ExitStatus status;
  const char* word;
};

const WrongUse kWrongUses[] = {
    {"no-path", {}, program::kWrongUsage, "path"},
    {"nothing-there", {"/nowhere"}, program::kBadData, "/nowhere"},
    {"an-unknown-layout",
     {".", "--dataset", "folders"},
     program::kWrongUsage,
     "folders"},
    {"an-unknown-part", {".", "--split", "all"}, program::kWrongUsage, "all"},
    {"two-paths", {".", "/there"}, program::kWrongUsage, "/there"},
    {"an-unknown-set",
     {".", "--download", "imagenet"},
     program::kWrongUsage,
     "imagenet"},
    {"an-unknown-preparation",
     {".", "there", "--prepare", "mnist"},
     program::kWrongUsage,
     "mnist"},
    {"a-preparation-to-nowhere",
     {".", "--prepare", "imagenet"},
     program::kWrongUsage,
     "folder"},
    {"a-download-and-a-preparation",
     {".", "there", "--prepare", "imagenet", "--download", "mnist"},
     program::kWrongUsage,
     "--download"},
    {"a-mirror-of-nothing",
     {".", "--mirror", "http://127.0.0.1:1"},
     program::kWrongUsage,
     "--mirror"},
    {"too-many-threads", {".", "-j", "1000"}, program::kWrongUsage, "1000"}};

void test_wrong_use_is_refused_in_one_line(gconstpointer data) {
  const auto& wrong = *static_cast<const WrongUse*>(data);
  Arguments arguments = {"dataset"};
  arguments.insert(arguments.end(), wrong.arguments.begin(),
                   wrong.arguments.end());

  expect_failure(run(arguments), wrong.status, {wrong.word});
}

void test_a_server_that_is_not_there_may_be_tried_again() {
  const TemporaryFolder folder;

  expect_failure(run({"dataset", folder.path(), "--download", "mnist",
                      "--mirror", "http://127.0.0.1:1"}),
                 program::kTryAgain, {"cannot reach", "train-images"});
}

void test_imagenet_needs_its_archives() {
  const TemporaryFolder folder;

  expect_failure(
      run({"dataset", folder.path(), folder / "out", "--prepare", "imagenet"}),
      program::kBadData, {"ILSVRC2012_img_train.tar"});
}

void test_imagenet_is_unpacked_and_then_read() {
  const TemporaryFolder folder;
  support::write_archive(
      folder / "ILSVRC2012_img_train.tar",
      {{"n01440764.tar", support::tar_bytes({{"n01440764_1.JPEG", ppm('!')}})},
       {"n02119789.tar",
        support::tar_bytes({{"n02119789_1.JPEG", ppm('E')}})}});

  const std::string said = run_well({"dataset", folder.path(), folder / "out",
                                     "--prepare", "imagenet"})
                               .out;
  const auto json =
      Json::parse(run_well({"dataset", folder / "out", "--json"}).out);

  g_assert_true(said.find("2 classes, 2 training and 0 validation") == 0);
  g_assert_true(said.find("warning: expected 1281167 training pictures, "
                          "got 2\n") != std::string::npos);
  g_assert_cmpint(json["pictures"].get<int>(), ==, 2);
  g_assert_cmpint(json["suspicious"]["count"].get<int>(), ==, 2);
}

void test_output_that_cannot_be_written_is_a_failure() {
  const TemporaryFolder folder;
  write_good_set(folder.path());

  expect_failure(program::run_into("/dev/full", {"dataset", folder.path()}),
                 program::kNotWritten, {"standard output"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/dataset/the-json-is-one-object",
                  test_the_json_is_one_object);
  g_test_add_func("/dataset/the-text-has-what-training-needs",
                  test_the_text_has_what_training_needs);
  g_test_add_func("/dataset/findings-are-no-failure",
                  test_findings_are_no_failure);
  g_test_add_func("/dataset/parts-can-be-chosen", test_parts_can_be_chosen);
  g_test_add_func("/dataset/a-set-without-faults-is-well-strictly-too",
                  test_a_set_without_faults_is_well_strictly_too);
  support::add_rows("/dataset/strictly-a-fault-is-a-failure", kFaults,
                    test_strictly_a_fault_is_a_failure);
  g_test_add_func("/dataset/strictly-a-group-in-two-parts-is-a-failure",
                  test_strictly_a_group_in_two_parts_is_a_failure);
  support::add_rows("/dataset/wrong-use-is-refused-in-one-line", kWrongUses,
                    test_wrong_use_is_refused_in_one_line);
  g_test_add_func("/dataset/a-server-that-is-not-there-may-be-tried-again",
                  test_a_server_that_is_not_there_may_be_tried_again);
  g_test_add_func("/dataset/imagenet-needs-its-archives",
                  test_imagenet_needs_its_archives);
  g_test_add_func("/dataset/imagenet-is-unpacked-and-then-read",
                  test_imagenet_is_unpacked_and_then_read);
  g_test_add_func("/dataset/output-that-cannot-be-written-is-a-failure",
                  test_output_that_cannot_be_written_is_a_failure);
  return g_test_run();
}
