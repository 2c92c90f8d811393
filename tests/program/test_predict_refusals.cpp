// SPDX-License-Identifier: LGPL-2.1-or-later
// What `torchclassify predict` refuses: pictures, model files, options.
#include <glib.h>
#include <sys/stat.h>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::json_lines;
using program::run;
using program::write_picture;
using support::TemporaryFolder;

namespace {

using std::string_literals::operator""s;

struct File {
  const char* name;
  std::string content;
  const char* word;  // of the message
};

const File kPictures[] = {
    {"empty", "", "0 bytes"},
    {"text", "hello", "5 bytes"},
    {"cut-ppm", "P6 4 4 255\nabc", "decode"},
    {"cut-header", "P6 4", "pixels"},
    {"no-pixels", "P6 0 4 255\n", "0x4"},
    {"a-bomb", "P6 30000 30000 255\n", "30000x30000"},
    {"too-wide", "P6 40000 1 255\n", "40000x1"},
    {"cut-jpeg",
     "\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x04\x00\x04\x01\x01\x11\x00"s,
     "its end"},
    {"damaged-jpeg",
     "\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x04\x00\x04\x01\x01\x11\x00\xFF\xAE"
     "\xFF\xD9"s,
     "damaged"},
    {"swapped-bmp",
     "BM"s + std::string(12, '\0') +
         "\x28\0\0\0\x01\0\0\0\x01\0\0\0\1\0\x20\0"
         "\x03\0\0\0"s +
         std::string(20, '\0') +
         "\xFF\0\0\0\0\xFF\0\0\0\0\xFF\0\x01\x02\x03\x04"s,
     "masks"},
};

void expect_one_error(const program::Outcome& outcome, const std::string& path,
                      const std::string& word) {
  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 1);
  program::expect_keys(lines[0], {"path", "error"});
  g_assert_true(lines[0]["path"] == path);
  const auto error = lines[0]["error"].get<std::string>();
  if (error.find(word) == std::string::npos)
    g_error("the error \"%s\" lacks \"%s\"", error.c_str(), word.c_str());
  expect_failure(outcome, program::kBadData, {"1 of 1", word});
}

void test_an_unreadable_picture_is_one_json_error(gconstpointer data) {
  const File& file = *static_cast<const File*>(data);
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  support::write_file(folder / "a.jpg", file.content);

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--format", "json", folder / "a.jpg"});

  expect_one_error(outcome, folder / "a.jpg", file.word);
}

// A folder is listed instead; what cannot be read must not be waited for.
void test_something_else_than_a_file_is_one_json_error(gconstpointer name) {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  const std::string path = folder / static_cast<const char*>(name);
  if (!path.ends_with("missing.jpg"))
    g_assert_cmpint(::mkfifo(path.c_str(), 0600), ==, 0);

  const auto outcome = run(
      {"predict", "--model-file", model.bundle(), "--format", "json", path});

  expect_one_error(outcome, path, "expected a ");
}

void test_an_empty_folder_is_one_json_error() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--format", "json", folder.path()});

  expect_one_error(outcome, folder.path(), "found none");
}

void test_a_bad_picture_leaves_the_others_alone() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);
  support::write_file(folder / "b.ppm", "no picture");
  write_picture(folder / "c.ppm", 0, 0, 255);

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--format", "csv", folder.path()});

  expect_failure(outcome, program::kBadData, {"1 of 3", "b.ppm"});
  const auto lines = program::lines_of(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 4);
  g_assert_true(lines[1].find("a.ppm,,,1,red,0,") != std::string::npos);
  g_assert_true(lines[2].find("b.ppm,,,,,,,") != std::string::npos);
  g_assert_true(lines[3].find("c.ppm,,,1,blue,2,") != std::string::npos);
}

const File kModels[] = {
    {"empty", "", "at least 8 bytes"},
    {"five-bytes", "12345", "got 5"},
    {"lying-length", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}"s, "fits"},
    {"no-json", "\x02\0\0\0\0\0\0\0[["s, "safetensors or torch.save"},
    {"no-description", "\x02\0\0\0\0\0\0\0{}"s, "torchclassify convert"},
    {"an-archive", "PK\x03\x04 and so on", "zip archive"},
    {"a-pickle", "\x80\x02\x8A\x0A and so on", "pickle"},
};

void test_a_bad_model_file_is_refused(gconstpointer data) {
  const File& file = *static_cast<const File*>(data);
  const TemporaryFolder folder;
  support::write_file(folder / "m", file.content);
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome =
      run({"predict", "--model-file", folder / "m", folder / "a.ppm"});

  expect_failure(outcome, program::kBadData, {file.word, "/m"});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

void test_a_truncated_model_is_refused() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  std::string bytes = support::read_file(model.bundle());
  bytes.resize(bytes.size() - 1);
  support::write_file(folder / "m", bytes);

  const auto outcome = run({"predict", "--model-file", folder / "m", "a.ppm"});

  expect_failure(outcome, program::kBadData, {"data_offsets"});
}

struct Usage {
  const char* name;
  Arguments arguments;  // behind the model's
  program::ExitStatus status;
  const char* word;
};

const Usage kUsages[] = {
    {"no-path", {}, program::kWrongUsage, "paths"},
    {"unknown-option", {"a", "--tok-p", "3"}, program::kWrongUsage, "--tok-p"},
    {"no-value", {"a", "--top-k"}, program::kWrongUsage, "--top-k"},
    {"top-0", {"a", "--top-k", "0"}, program::kWrongUsage, "--top-k"},
    {"top-many", {"a", "--top-k", "many"}, program::kWrongUsage, "--top-k"},
    {"step-0", {"a", "--frame-step", "0"}, program::kWrongUsage, "step"},
    {"format", {"a", "--format", "xml"}, program::kWrongUsage, "xml"},
    {"logits-as-text", {"a", "--logits"}, program::kWrongUsage, "json"},
    {"device", {"a", "--device", "tpu"}, program::kWrongUsage, "tpu"},
    {"precision", {"a", "--precision", "int8"}, program::kWrongUsage, "int8"},
    {"precision-number", {"a", "--precision", "2"}, program::kWrongUsage, "2"},
    {"no-gpu", {"a", "--device", "cuda"}, program::kInternal, "cuda"},
    {"no-such-gpu", {"a", "--device", "cuda:7"}, program::kInternal, "cuda:7"},
    {"labels", {"a", "--labels-file", "/nowhere"}, program::kBadData, "where"},
};

void test_a_wrong_option_is_refused(gconstpointer data) {
  const Usage& usage = *static_cast<const Usage*>(data);
  const auto& model = ColorModel::shared();
  Arguments arguments = {"predict", "--model-file", model.bundle()};
  arguments.insert(arguments.end(), usage.arguments.begin(),
                   usage.arguments.end());

  const auto outcome = run(arguments);

  expect_failure(outcome, usage.status, {usage.word});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

void test_another_number_of_labels_is_refused() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  support::write_file(folder / "two.txt", "red\ngreen\n");

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--labels-file", folder / "two.txt", "a.ppm"});

  expect_failure(outcome, program::kBadData, {"3 class names", "2"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/program/predict/an-unreadable-picture-is-one-json-error",
                    kPictures, test_an_unreadable_picture_is_one_json_error);
  for (const char* name : {"missing.jpg", "pipe.jpg", "pipe.mp4"}) {
    g_autofree char* path = g_strdup_printf(
        "/program/predict/something-else-than-a-file-is-one-json-error/%s",
        name);
    g_test_add_data_func(path, name,
                         test_something_else_than_a_file_is_one_json_error);
  }
  g_test_add_func("/program/predict/an-empty-folder-is-one-json-error",
                  test_an_empty_folder_is_one_json_error);
  g_test_add_func("/program/predict/a-bad-picture-leaves-the-others-alone",
                  test_a_bad_picture_leaves_the_others_alone);
  support::add_rows("/program/predict/a-bad-model-file-is-refused", kModels,
                    test_a_bad_model_file_is_refused);
  g_test_add_func("/program/predict/a-truncated-model-is-refused",
                  test_a_truncated_model_is_refused);
  support::add_rows("/program/predict/a-wrong-option-is-refused", kUsages,
                    test_a_wrong_option_is_refused);
  g_test_add_func("/program/predict/another-number-of-labels-is-refused",
                  test_another_number_of_labels_is_refused);
  return g_test_run();
}
