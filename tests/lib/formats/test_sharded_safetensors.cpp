// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights in several safetensors files, and indexes that lie about them.
#include <glib.h>

#include <string>

#include "formats/weights_file.h"
#include "lib/formats/safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using support::expect_error;
using support::safetensors_bytes;
using support::write_file;
using torchclassify::ErrorCode;
using torchclassify::WeightsFile;
using torchclassify::WeightsFormat;

namespace {

constexpr char kIndex[] = "model.safetensors.index.json";

// A folder with two files, of one tensor each, and an index for them.
class Shards {
 public:
  explicit Shards(const std::string& index) {
    write_shard("1.safetensors", "a");
    write_shard("2.safetensors", "b");
    write_file(path(), index);
  }

  std::filesystem::path path() const { return folder_ / kIndex; }

  void write_shard(const std::string& file, const std::string& tensor) const {
    write_file(folder_ / file,
               safetensors_bytes(
                   "{\"" + tensor +
                       R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                   tensor));
  }

 private:
  const support::TemporaryFolder folder_;
};

constexpr char kGood[] =
    R"({"metadata":{"total_size":2},)"
    R"("weight_map":{"a":"1.safetensors","b":"2.safetensors"}})";

void test_shards(void) {
  const Shards shards(kGood);

  const WeightsFile file(shards.path());

  g_assert_true(file.format() == WeightsFormat::kShardedSafetensors);
  g_assert_cmpuint(file.tensors().size(), ==, 2);
  g_assert_true(file.tensors().at("a").data[0] == std::byte{'a'});
  g_assert_true(file.tensors().at("b").data[0] == std::byte{'b'});
  g_assert_true(file.metadata().empty());
}

struct Hostile {
  const char* name;
  std::string index;
  const char* word;
};

std::string map(const std::string& entries) {
  return R"({"weight_map":{)" + entries + "}}";
}

std::string many_files(int count) {
  std::string entries;
  for (int i = 0; i < count; ++i)
    entries += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"" +
               std::to_string(i) + ".safetensors\"";
  return map(entries);
}

const Hostile kHostile[] = {
    {"empty", "", "JSON"},
    {"not-json", "weights", "JSON"},
    {"a-list", "[]", "weight_map"},
    {"no-map", "{}", "weight_map"},
    {"an-empty-map", map(""), "weight_map"},
    {"a-list-as-the-map", R"({"weight_map":[]})", "weight_map"},
    {"a-tensor-twice", map(R"("a":"1.safetensors","a":"2.safetensors")"),
     "twice"},
    {"a-number-as-a-file", map(R"("a":1)"), "beside"},
    {"no-file", map(R"("a":"")"), "beside"},
    {"a-file-above", map(R"("a":"../1.safetensors")"), "beside"},
    {"the-folder-above", map(R"("a":"..")"), "beside"},
    {"the-folder", map(R"("a":".")"), "beside"},
    {"a-file-in-a-folder", map(R"("a":"x/1.safetensors")"), "beside"},
    {"an-absolute-file", map(R"("a":"/etc/passwd")"), "beside"},
    {"a-file-with-a-backslash", map(R"("a":"..\\1.safetensors")"), "beside"},
    {"a-file-with-a-null-byte", map(R"("a":"1.safetensors\u0000")"), "beside"},
    {"a-file-with-a-name-of-256-bytes",
     map("\"a\":\"" + std::string(256, 'x') + "\""), "beside"},
    {"a-tensor-in-the-wrong-file",
     map(R"("a":"2.safetensors","b":"1.safetensors")"), "only what"},
    {"a-tensor-that-the-index-lacks",
     map(R"("a":"1.safetensors",)"
         R"("c":"2.safetensors")"),
     "only what"},
    {"a-tensor-that-the-file-lacks",
     map(R"("a":"1.safetensors","b":"2.safetensors","c":"2.safetensors")"),
     "2 tensors"},
    {"too-many-files", many_files(1025), "1024"},
    {"nested-100-deep", std::string(100, '[') + std::string(100, ']'),
     "deeper"},
    {"over-16-MiB", std::string((16 << 20) + 1, ' '), "bytes"},
};

void test_hostile(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);
  const Shards shards(row.index);

  expect_error(
      ErrorCode::kBadData, [&] { WeightsFile file(shards.path()); }, row.word,
      kIndex);
}

void test_missing_shard(void) {
  const Shards shards(map(R"("a":"1.safetensors","b":"3.safetensors")"));

  expect_error(
      ErrorCode::kNotFound, [&] { WeightsFile file(shards.path()); },
      "3.safetensors");
}

void test_broken_shard(void) {
  const Shards shards(kGood);
  write_file(shards.path().parent_path() / "2.safetensors", "PK");

  expect_error(
      ErrorCode::kBadData, [&] { WeightsFile file(shards.path()); },
      "2.safetensors");
}

void test_folder_as_shard(void) {
  const Shards shards(map(R"("a":"1.safetensors","b":"folder")"));
  std::filesystem::create_directory(shards.path().parent_path() / "folder");

  expect_error(
      ErrorCode::kCannotRead, [&] { WeightsFile file(shards.path()); },
      "regular file");
}

// The index can name itself: that is no safetensors file.
void test_index_as_shard(void) {
  const Shards shards(
      map(R"("a":"1.safetensors","b":"model.safetensors.index.json")"));

  expect_error(
      ErrorCode::kBadData, [&] { WeightsFile file(shards.path()); }, kIndex);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/sharded-safetensors/every-file-s-tensors-are-there",
                  test_shards);
  support::add_rows("/sharded-safetensors/a-hostile-index-is-refused", kHostile,
                    test_hostile);
  g_test_add_func("/sharded-safetensors/a-missing-file-is-named",
                  test_missing_shard);
  g_test_add_func("/sharded-safetensors/a-broken-file-is-named",
                  test_broken_shard);
  g_test_add_func("/sharded-safetensors/a-folder-is-refused",
                  test_folder_as_shard);
  g_test_add_func("/sharded-safetensors/an-index-that-names-itself-is-refused",
                  test_index_as_shard);
  return g_test_run();
}
