// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify inspect` and `convert` on a sample of the hostile corpus, each
// file of which the readers' own tests open.
#include <glib.h>

#include "program.h"
#include "support/hostile_files.h"
#include "support/test_files.h"

using program::Arguments;
using support::HostileFile;
using support::HostileFiles;

namespace {

struct Case {
  const HostileFiles* files;
  const HostileFile* file;
};

// An end as ordinary as that of a mistyped name, and nothing of the file run.
void expect_refusal(const Case& row, const Arguments& arguments) {
  const auto outcome = program::run(arguments);

  g_assert_cmpint(outcome.status, !=, program::kInternal);
  program::expect_failure(outcome,
                          static_cast<program::ExitStatus>(outcome.status),
                          {row.files->path(*row.file).parent_path()});
  g_assert_cmpint(outcome.status, !=, program::kDone);
  g_assert_cmpint(row.files->canaries(), ==, 0);
}

void test_inspect(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  expect_refusal(row, {"inspect", row.files->path(*row.file)});
}

void test_convert(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);
  const support::TemporaryFolder folder;

  expect_refusal(row, {"convert", row.files->path(*row.file), "--model",
                       "resnet18", "-o", folder / "bundle"});

  g_assert_true(std::filesystem::is_empty(folder.path()));
}

// Files that are no regular ones, and each so manieth of the others.
std::vector<Case> sample(const HostileFiles& files) {
  constexpr int kStep = 36;
  std::vector<Case> rows;
  int number = 0;
  for (const HostileFile& file : files.list()) {
    if (file.kind == HostileFile::Kind::kAccepted)
      continue;
    if (file.name.starts_with("special/") || number++ % kStep == 0)
      rows.push_back({&files, &file});
  }
  return rows;
}

void add(const char* prefix, const Case& row, GTestDataFunc test) {
  g_autofree char* path =
      g_strdup_printf("%s/%s", prefix, row.file->name.c_str());
  g_test_add_data_func(path, &row, test);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  const HostileFiles files;
  const std::vector<Case> rows = sample(files);
  for (const Case& row : rows) {
    add("/program/hostile/inspect-refuses", row, test_inspect);
    if (row.file->kind == HostileFile::Kind::kRefused)
      add("/program/hostile/convert-refuses", row, test_convert);
  }
  return g_test_run();
}
