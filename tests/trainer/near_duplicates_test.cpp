// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that look alike.
#include <glib.h>

#include <bit>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "random.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/split.h"

namespace {
namespace fs = std::filesystem;

using torchclassify::difference_hash;
using torchclassify::KeyedRandom;
using torchclassify::near_duplicates;
using torchclassify::NearDuplicate;
using torchclassify::Picture;

using Hashes = std::vector<std::uint64_t>;

Picture grey(int width, int height, std::vector<std::uint8_t> pixels) {
  return {.width = width,
          .height = height,
          .channels = 1,
          .pixels = std::move(pixels)};
}

void test_a_bit_says_where_it_gets_brighter() {
  std::vector<std::uint8_t> pixels(72, 50);
  pixels[8] = 60;      // the end of the first row
  pixels[7 * 9] = 40;  // the start of the last row

  const auto hash = difference_hash(grey(9, 8, pixels));

  g_assert_cmphex(hash, ==, std::uint64_t{1} << 56 | std::uint64_t{1} << 7);
}

void test_a_flat_picture_says_nothing() {
  g_assert_cmphex(
      difference_hash(grey(40, 30, std::vector<std::uint8_t>(1200, 77))), ==,
      0);
}

void test_a_smaller_and_compressed_copy_looks_alike() {
  const fs::path path = support::real_data_or_skip("hymenoptera-mini/val");
  if (path.empty())
    return;
  const auto set = torchclassify::open_dataset(path, "imagefolder",
                                               torchclassify::Split::kTrain);
  Hashes originals, copies;
  for (std::size_t i = 0; i < set->size(); ++i) {
    Picture picture = set->picture(i);
    originals.push_back(difference_hash(picture));
    cv::Mat small;
    cv::resize(
        cv::Mat(picture.height, picture.width, CV_8UC3, picture.pixels.data()),
        small, {}, 0.6, 0.6, cv::INTER_AREA);
    std::vector<std::uint8_t> jpeg;
    cv::imencode(".jpg", small, jpeg, {cv::IMWRITE_JPEG_QUALITY, 70});
    copies.push_back(difference_hash(
        torchclassify::decode_picture(jpeg.data(), jpeg.size(), "copy")));
  }

  int found = 0, wrong = 0;
  for (const auto& pair : near_duplicates(originals, copies, 3, 10000))
    ++(pair.first == pair.second ? found : wrong);

  g_test_message("%d of %zu copies found", found, set->size());
  g_assert_cmpint(found, >=, 32);  // of 40
  g_assert_cmpint(wrong, ==, 0);
}

std::vector<NearDuplicate> all_pairs(const Hashes& first, const Hashes& second,
                                     int distance) {
  std::vector<NearDuplicate> pairs;
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t k = 0; k < second.size(); ++k) {
      const int differing = std::popcount(first[i] ^ second[k]);
      if (first[i] != 0 && second[k] != 0 && differing <= distance)
        pairs.push_back({i, k, differing});
    }
  }
  return pairs;
}

// Some random hashes, and copies of them with a few bits turned.
Hashes turned(const Hashes& hashes, std::uint64_t seed) {
  KeyedRandom random({seed});
  Hashes copies;
  for (std::uint64_t hash : hashes) {
    for (std::uint64_t bits = random.below(8); bits > 0; --bits)
      hash ^= std::uint64_t{1} << random.below(64);
    copies.push_back(hash);
  }
  return copies;
}

struct Distance {
  const char* name;
  int bits;
};

constexpr Distance kDistances[] = {{"none", 0}, {"one", 1},   {"three", 3},
                                   {"four", 4}, {"seven", 7}, {"thirty", 30},
                                   {"all", 64}};

void test_the_index_finds_what_comparing_all_finds(gconstpointer data) {
  const int distance = static_cast<const Distance*>(data)->bits;
  KeyedRandom random({1});
  Hashes first = {0, 5, 5};
  for (int i = 0; i < 200; ++i) first.push_back(random.next());
  Hashes second = turned(first, 2);
  second.push_back(0);

  const auto pairs = near_duplicates(first, second, distance, 1'000'000);

  const auto expected = all_pairs(first, second, distance);
  g_assert_cmpuint(pairs.size(), ==, expected.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    g_assert_cmpuint(pairs[i].first, ==, expected[i].first);
    g_assert_cmpuint(pairs[i].second, ==, expected[i].second);
    g_assert_cmpint(pairs[i].distance, ==, expected[i].distance);
  }
}

void test_no_more_pairs_come_than_asked_for() {
  const Hashes same(100, 7);

  g_assert_cmpuint(near_duplicates(same, same, 0, 250).size(), ==, 250);
  g_assert_cmpuint(near_duplicates(same, same, 0, 0).size(), ==, 0);
  g_assert_cmpuint(near_duplicates(same, same, -1, 9).size(), ==, 0);
  g_assert_cmpuint(near_duplicates({}, same, 3, 9).size(), ==, 0);
  g_assert_cmpuint(near_duplicates(same, {}, 3, 9).size(), ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/near-duplicates/a-bit-says-where-it-gets-brighter",
                  test_a_bit_says_where_it_gets_brighter);
  g_test_add_func("/near-duplicates/a-flat-picture-says-nothing",
                  test_a_flat_picture_says_nothing);
  g_test_add_func("/near-duplicates/a-smaller-and-compressed-copy-looks-alike",
                  test_a_smaller_and_compressed_copy_looks_alike);
  support::add_rows("/near-duplicates/the-index-finds-what-comparing-all-finds",
                    kDistances, test_the_index_finds_what_comparing_all_finds);
  g_test_add_func("/near-duplicates/no-more-pairs-come-than-asked-for",
                  test_no_more_pairs_come_than_asked_for);
  return g_test_run();
}
