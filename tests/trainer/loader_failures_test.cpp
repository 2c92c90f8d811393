// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that cannot be read, and sets that misbehave.
#include <glib.h>
#include <sys/resource.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/loader.h"
#include "trainer/loader_pictures.h"

namespace {
namespace fs = std::filesystem;

using support::busy_options;
using support::expect_error;
using support::FormulaPictures;
using support::run_pass;
using support::small_input;
using support::TemporaryFolder;
using namespace torchclassify;

// Pictures 4 to 7 and 9 do not decode.
class Broken : public FormulaPictures {
 public:
  Broken() : FormulaPictures(12) {}
  Picture picture(std::size_t i) const override {
    if ((i >= 4 && i < 8) || i == 9)
      throw Error(ErrorCode::kBadData, "expected a picture: " + name(i));
    return FormulaPictures::picture(i);
  }
};

void test_skipped_pictures_leave_their_batch() {
  const Broken pictures;
  Loader loader(pictures, small_input(),
                {.batch_size = 4, .on_corrupt = OnCorrupt::kSkip});

  for (const std::uint64_t epoch : {1, 2}) {
    const auto batches = run_pass(loader, epoch);
    g_assert_cmpuint(batches.size(), ==, 3);
    g_assert_cmpuint(batches[0].size, ==, 4);
    g_assert_cmpuint(batches[1].size, ==, 0);
    g_assert_true(batches[1].inputs.empty());
    g_assert_true(batches[2].indices == std::vector<std::size_t>({8, 10, 11}));
    g_assert_true(batches[2].labels == std::vector<std::int64_t>({2, 1, 2}));
    g_assert_cmpuint(
        batches[2].inputs.size(), ==,
        3 * small_input().crop_width * small_input().crop_height * 3);
  }
}

void test_skipped_pictures_are_listed_once() {
  const Broken pictures;
  LoaderOptions options = busy_options();
  options.on_corrupt = OnCorrupt::kSkip;
  Loader loader(pictures, small_input(), options);

  for (const std::uint64_t epoch : {1, 2, 3}) run_pass(loader, epoch);

  const auto skipped = loader.skipped();
  g_assert_cmpuint(skipped.size(), ==, 5);
  g_assert_cmpuint(skipped[0].index, ==, 4);
  g_assert_cmpstr(skipped[4].name.c_str(), ==, "9");
  g_assert_cmpstr(skipped[4].reason.c_str(), ==, "expected a picture: 9");
}

void test_a_pass_goes_on_behind_a_failure() {
  const Broken pictures;
  Loader loader(pictures, small_input(), {.batch_size = 4});
  loader.start(1);

  g_assert_cmpuint(loader.next().size, ==, 4);
  expect_error(
      ErrorCode::kBadData, [&] { loader.next(); }, "picture: 4");
  expect_error(
      ErrorCode::kBadData, [&] { loader.next(); }, "picture: 9");
  g_assert_true(loader.skipped().empty());
}

template <typename Thrown>
class Throwing : public FormulaPictures {
 public:
  Throwing() : FormulaPictures(3) {}
  Picture picture(std::size_t) const override { throw Thrown("on fire"); }
};
struct NoException {
  explicit NoException(const char*) {}
};
struct NoMemory : std::bad_alloc {
  explicit NoMemory(const char*) {}
};

// Whatever a set throws, next() throws an Error.
template <typename Thrown>
void expect_thrown(ErrorCode code, OnCorrupt on_corrupt, const char* word) {
  const Throwing<Thrown> pictures;
  Loader loader(pictures, small_input(), {.on_corrupt = on_corrupt});

  expect_error(
      code, [&] { run_pass(loader, 1); }, word);
}

void test_a_set_may_throw_anything() {
  expect_thrown<std::runtime_error>(ErrorCode::kCannotRead, OnCorrupt::kFail,
                                    "on fire\": 0");
  expect_thrown<NoException>(ErrorCode::kInternal, OnCorrupt::kFail, "batch");
  expect_thrown<NoException>(ErrorCode::kInternal, OnCorrupt::kSkip, "batch");
}

void test_lack_of_memory_is_not_skipped() {
  expect_thrown<NoMemory>(ErrorCode::kOutOfMemory, OnCorrupt::kSkip, "memory");
}

void write_ppm(const fs::path& path) {
  fs::create_directories(path.parent_path());
  support::write_file(path, "P6 2 2 255\n" + std::string(12, '\x33'));
}

void test_a_vanished_file_is_skipped() {
  const TemporaryFolder folder;
  for (const char* name : {"a/0.ppm", "a/1.ppm", "b/2.ppm"})
    write_ppm(folder / name);
  const auto set = open_dataset(folder.path(), "imagefolder", Split::kTrain);
  LoaderOptions options = busy_options();
  options.on_corrupt = OnCorrupt::kSkip;
  options.cache_bytes = 0;
  Loader loader(*set, small_input(), options);
  g_assert_cmpuint(run_pass(loader, 1)[0].size, ==, 3);

  fs::remove(folder / "a/1.ppm");
  const Batch batch = run_pass(loader, 2)[0];

  g_assert_cmpuint(batch.size, ==, 2);
  const auto skipped = loader.skipped();
  g_assert_cmpuint(skipped.size(), ==, 1);
  g_assert_true(skipped[0].name.ends_with("1.ppm"));
  g_assert_false(skipped[0].reason.empty());
}

std::size_t copy_pictures(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (entry.is_regular_file() && is_picture_file(entry.path())) {
      fs::copy_file(entry.path(), to / (std::to_string(count) +
                                        entry.path().filename().string()));
      ++count;
    }
  }
  return count;
}

std::int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

// Each of the set's pictures that read_picture() refuses is listed, no other.
void expect_skipped(const Dataset& set,
                    const std::vector<SkippedPicture>& skipped) {
  std::size_t listed = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::string reason;
    try {
      set.picture(i);
    } catch (const Error& error) {
      reason = error.what();
    }
    const bool is_listed =
        listed < skipped.size() && skipped[listed].index == i;
    if (is_listed != !reason.empty())
      g_error("%s: expected \"%s\"", set.name(i).c_str(), reason.c_str());
    if (is_listed)
      g_assert_cmpstr(skipped[listed++].reason.c_str(), ==, reason.c_str());
  }
  g_assert_cmpuint(listed, ==, skipped.size());
}

void test_hostile_pictures_beside_good_ones(gconstpointer data) {
  const auto& crop = *static_cast<const CropMode*>(data);
  const fs::path corrupt = support::real_data_or_skip("corrupt-images");
  if (corrupt.empty())
    return;
  const fs::path good = support::real_data_or_skip("imagenet-mini");
  const TemporaryFolder folder;
  g_assert_cmpuint(copy_pictures(good, folder / "good"), >=, 50);
  g_assert_cmpuint(copy_pictures(corrupt, folder / "odd"), >=, 50);
  const auto set = open_dataset(folder.path(), "imagefolder", Split::kTrain);
  LoaderOptions options{.on_corrupt = OnCorrupt::kSkip, .training = true};
  options.augment.crop = crop;
  options.cache_bytes = 0;
  Loader loader(*set, Preprocessing{}, options);

  std::size_t pictures = 0;
  for (std::size_t batches = (loader.start(1), loader.batches()); batches > 0;
       --batches)
    pictures += loader.next().size;

  const auto skipped = loader.skipped();
  g_test_message("%zu made, %zu skipped, %.0f MB", pictures, skipped.size(),
                 static_cast<double>(peak_bytes()) / 1e6);
  g_assert_cmpuint(pictures + skipped.size(), ==, set->size());
  g_assert_cmpint(peak_bytes(), <, std::int64_t{2'000'000'000});
  expect_skipped(*set, skipped);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/loader-failures/skipped-pictures-leave-their-batch",
                  test_skipped_pictures_leave_their_batch);
  g_test_add_func("/loader-failures/skipped-pictures-are-listed-once",
                  test_skipped_pictures_are_listed_once);
  g_test_add_func("/loader-failures/a-pass-goes-on-behind-a-failure",
                  test_a_pass_goes_on_behind_a_failure);
  g_test_add_func("/loader-failures/a-set-may-throw-anything",
                  test_a_set_may_throw_anything);
  g_test_add_func("/loader-failures/lack-of-memory-is-not-skipped",
                  test_lack_of_memory_is_not_skipped);
  g_test_add_func("/loader-failures/a-vanished-file-is-skipped",
                  test_a_vanished_file_is_skipped);
  static constexpr CropMode kModes[] = {CropMode::kCentre,
                                        CropMode::kRandomResized};
  g_test_add_data_func(
      "/loader-failures/hostile-pictures-beside-good-ones/whole", &kModes[0],
      test_hostile_pictures_beside_good_ones);
  g_test_add_data_func(
      "/loader-failures/hostile-pictures-beside-good-ones/parts", &kModes[1],
      test_hostile_pictures_beside_good_ones);
  return g_test_run();
}
