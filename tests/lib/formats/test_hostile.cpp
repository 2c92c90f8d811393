// SPDX-License-Identifier: LGPL-2.1-or-later
// Every file of the hostile corpus: refused in a sentence, soon, with little
// memory, and none of its code run.
#include <glib.h>

#include <algorithm>
#include <ctime>

#include "counted_memory.h"
#include "formats/bundle.h"
#include "formats/weights_file.h"
#include "support/hostile_files.h"
#include "torchclassify/error.h"

using namespace torchclassify;
using support::HostileFile;
using support::HostileFiles;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr double kSlower = 5;
#else
constexpr double kSlower = 1;
#endif
constexpr double kSeconds = 1 * kSlower;  // of the processor
// A parsed value is larger than its text, but in proportion.
constexpr std::size_t kBytesPerByte = 128;
constexpr std::size_t kBytesAtLeast = 1 << 20;
constexpr std::size_t kLongest = 500;  // bytes of a message beside the path

struct Case {
  const HostileFiles* files;
  const HostileFile* file;

  std::filesystem::path path() const { return files->path(*file); }
};

// Between its construction and check(), little time and memory is spent.
class Cost {
 public:
  Cost() { support::start_peak(); }

  void check(const std::filesystem::path& path) const {
    const double seconds =
        static_cast<double>(std::clock() - begin_) / CLOCKS_PER_SEC;
    std::error_code none;  // folders and the like have no size
    const auto size = std::filesystem::file_size(path, none);
    g_assert_cmpfloat(seconds, <, kSeconds);
    g_assert_cmpuint(support::peak_bytes() - before_, <,
                     kBytesAtLeast + kBytesPerByte * (none ? 0 : size));
  }

 private:
  const std::clock_t begin_ = std::clock();
  const std::size_t before_ = support::live_bytes();
};

// The refusal of a path, checked for what it cost and for its form.
template <typename Open>
std::string refusal(const std::filesystem::path& path, Open&& open) {
  const Cost cost;
  try {
    open(path);
  } catch (const Error& error) {
    cost.check(path);
    const std::string message = error.what();
    g_test_message("got: %s", message.c_str());
    // An index's shards lie beside it, and it may be one of them that lies.
    g_assert_true(message.find(path.parent_path()) != std::string::npos);
    g_assert_false(message.ends_with("."));
    g_assert_cmpuint(message.size(), <, path.string().size() + kLongest);
    g_assert_true(std::none_of(message.begin(), message.end(), [](char byte) {
      return static_cast<unsigned char>(byte) < ' ';
    }));
    return message;
  }
  g_test_fail_printf("expected an Error, none came: %s", path.c_str());
  return {};
}

void open_weights(const std::filesystem::path& path) { WeightsFile file(path); }

void open_model(const std::filesystem::path& path) { open_bundle(path); }

void test_is_refused(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  const std::string message = refusal(row.path(), open_weights);

  g_assert_true(message.find(row.file->refused) != std::string::npos);
  g_assert_cmpint(row.files->canaries(), ==, 0);
}

void test_is_no_model_file(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  refusal(row.path(), open_model);

  g_assert_cmpint(row.files->canaries(), ==, 0);
}

void test_is_accepted(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  const WeightsFile file(row.path());

  g_assert_cmpuint(file.tensors().size(), ==, 1);
  g_assert_true(file.tensors().at("weight").shape ==
                std::vector<std::int64_t>({2, 2}));
}

void test_a_model_file_is_accepted(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  const Bundle bundle = open_bundle(row.path());

  g_assert_cmpuint(bundle.info.classes.size(), ==, 2);
}

void test_canaries_are_live() {
  const support::TemporaryFolder folder;

  support::make_hostile({"--ring", folder.path().string()});

  g_assert_false(std::filesystem::is_empty(folder.path()));
}

void test_the_corpus_is_large(gconstpointer data) {
  const auto& files = *static_cast<const HostileFiles*>(data);

  const auto refused = std::count_if(
      files.list().begin(), files.list().end(), [](const auto& file) {
        return file.kind != HostileFile::Kind::kAccepted;
      });

  g_assert_cmpint(refused, >=, 150);
}

void add(const char* prefix, const Case& row, GTestDataFunc test) {
  g_autofree char* path =
      g_strdup_printf("/hostile/%s/%s", prefix, row.file->name.c_str());
  g_test_add_data_func(path, &row, test);
}

void add_tests_of(const Case& row) {
  if (row.file->kind == HostileFile::Kind::kAccepted) {
    add("the-true-original-is-accepted", row, test_is_accepted);
    if (row.file->name == "accepted/bundle.safetensors")
      add("the-true-model-file-is-accepted", row,
          test_a_model_file_is_accepted);
    return;
  }
  if (row.file->kind == HostileFile::Kind::kRefused)
    add("is-refused", row, test_is_refused);
  add("is-no-model-file", row, test_is_no_model_file);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_set_nonfatal_assertions();  // each file is looked at
  const HostileFiles files;
  std::vector<Case> rows;
  for (const HostileFile& file : files.list()) rows.push_back({&files, &file});
  for (const Case& row : rows) add_tests_of(row);
  g_test_add_data_func("/hostile/the-corpus-is-large", &files,
                       test_the_corpus_is_large);
  g_test_add_func("/hostile/canaries-are-live", test_canaries_are_live);
  return g_test_run();
}
