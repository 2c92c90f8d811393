// SPDX-License-Identifier: LGPL-2.1-or-later
// Which pictures an epoch has, and which of them are whose.
#include "loading/sampler.h"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/rows.h"
#include "trainer/loader_pictures.h"

namespace {

using support::FormulaPictures;
using support::run_pass;
using support::small_input;
using namespace torchclassify;

// Class 0 has 900 pictures, class 1 has 100, class 2 none.
class Unequal : public FormulaPictures {
 public:
  Unequal() : FormulaPictures(1000) {}
  int label(std::size_t i) const override { return i % 10 == 0; }
};

LoaderOptions training(Sampling sampling, int repeats = 1) {
  LoaderOptions options;
  options.training = true;
  options.sampling = sampling;
  options.repeats = repeats;
  return options;
}

void test_shuffling_takes_each_picture_once() {
  const Unequal pictures;
  const LoaderOptions options = training(Sampling::kShuffle);

  const auto first = epoch_order(pictures, options, 1);
  const auto second = epoch_order(pictures, options, 2);

  g_assert_cmpuint(std::set(first.begin(), first.end()).size(), ==, 1000);
  g_assert_false(std::is_sorted(first.begin(), first.end()));
  g_assert_true(first != second);
  g_assert_true(first == epoch_order(pictures, options, 1));
}

void test_evaluation_keeps_the_order() {
  const Unequal pictures;

  const auto order = epoch_order(pictures, {}, 3);

  g_assert_cmpuint(order.size(), ==, 1000);
  for (std::size_t i = 0; i < order.size(); ++i)
    g_assert_cmpuint(order[i], ==, i);
}

struct Weighting {
  const char* name;
  Sampling sampling;
  double rare_share;  // of class 1
};

const Weighting kWeightings[] = {
    {"balanced", Sampling::kBalanced, 0.5},
    {"square-root", Sampling::kSquareRoot, 0.25},  // 10 of 30 + 10
};

void test_classes_come_by_their_weight(gconstpointer data) {
  const auto& row = *static_cast<const Weighting*>(data);
  const Unequal pictures;
  constexpr int kEpochs = 20;

  std::vector<int> times(pictures.size());
  double rare = 0;
  for (std::uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const auto order = epoch_order(pictures, training(row.sampling), epoch);
    g_assert_cmpuint(order.size(), ==, 1000);
    for (const std::size_t index : order) {
      rare += pictures.label(index);
      ++times[index];
    }
  }

  g_assert_cmpfloat_with_epsilon(rare / (kEpochs * 1000), row.rare_share, 0.02);
  // Pictures of one class are as likely: each of the rare ones has come.
  for (std::size_t i = 0; i < pictures.size(); i += 10)
    g_assert_cmpint(times[i], >, 0);
}

// As torchvision's RASampler: each index so many times in a row, cut off.
void test_repeats_follow_each_other() {
  const FormulaPictures pictures(7);

  const auto plain = epoch_order(pictures, training(Sampling::kShuffle), 1);
  const auto order = epoch_order(pictures, training(Sampling::kShuffle, 3), 1);

  g_assert_true(
      order == std::vector<std::size_t>({plain[0], plain[0], plain[0], plain[1],
                                         plain[1], plain[1], plain[2]}));
}

void test_copies_are_changed_differently() {
  const FormulaPictures pictures(6);
  LoaderOptions options = training(Sampling::kShuffle, 2);
  options.batch_size = 2;
  options.augment.crop = CropMode::kRandomResized;
  Loader loader(pictures, small_input(), options);

  const Batch batch = run_pass(loader, 1)[0];

  g_assert_cmpuint(batch.indices[0], ==, batch.indices[1]);
  const auto half = static_cast<std::ptrdiff_t>(batch.inputs.size() / 2);
  g_assert_false(std::equal(batch.inputs.begin(), batch.inputs.begin() + half,
                            batch.inputs.begin() + half));
}

struct Ranks {
  const char* name;
  std::size_t pictures;
  int ranks;
  std::size_t batches;
};

const Ranks kRanks[] = {
    {"even", 12, 2, 3},
    {"one-more", 13, 2, 4},  // the second rank's last batch is empty
    {"three", 11, 3, 2},
    {"more-than-pictures", 3, 5, 1},
};

void test_ranks_share_an_epoch(gconstpointer data) {
  const auto& row = *static_cast<const Ranks*>(data);
  const FormulaPictures pictures(row.pictures);
  LoaderOptions options = training(Sampling::kShuffle);
  const auto order = epoch_order(pictures, options, 4);
  options.batch_size = 2;
  options.ranks = row.ranks;

  std::vector<std::size_t> seen(row.pictures, row.pictures);
  for (options.rank = 0; options.rank < row.ranks; ++options.rank) {
    Loader loader(pictures, small_input(), options);
    g_assert_cmpuint(loader.batches(), ==, row.batches);
    auto position = static_cast<std::size_t>(options.rank);
    for (const Batch& batch : run_pass(loader, 4)) {
      for (const std::size_t index : batch.indices) {
        seen.at(position) = index;
        position += static_cast<std::size_t>(row.ranks);
      }
    }
  }

  g_assert_true(seen == order);
}

// What makes two processes train as one with the doubled batch.
void test_two_ranks_make_the_batch_of_one_process() {
  const FormulaPictures pictures(8);
  LoaderOptions options = support::busy_options();
  options.mixup_alpha = options.cutmix_alpha = 0;
  Loader whole(pictures, small_input(), options);
  options.batch_size = 2;
  options.ranks = 2;
  Loader first(pictures, small_input(), options);
  options.rank = 1;
  Loader second(pictures, small_input(), options);

  const Batch one = run_pass(whole, 1)[1];
  const Batch halves[] = {run_pass(first, 1)[1], run_pass(second, 1)[1]};

  const std::size_t floats = one.inputs.size() / 4;
  for (std::size_t i = 0; i < 4; ++i) {
    const Batch& half = halves[i % 2];
    g_assert_cmpuint(one.indices[i], ==, half.indices[i / 2]);
    g_assert_true(std::equal(
        one.inputs.begin() + static_cast<std::ptrdiff_t>(i * floats),
        one.inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * floats),
        half.inputs.begin() + static_cast<std::ptrdiff_t>(i / 2 * floats)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/sampling/shuffling-takes-each-picture-once",
                  test_shuffling_takes_each_picture_once);
  g_test_add_func("/sampling/evaluation-keeps-the-order",
                  test_evaluation_keeps_the_order);
  support::add_rows("/sampling/classes-come-by-their-weight", kWeightings,
                    test_classes_come_by_their_weight);
  g_test_add_func("/sampling/repeats-follow-each-other",
                  test_repeats_follow_each_other);
  g_test_add_func("/sampling/copies-are-changed-differently",
                  test_copies_are_changed_differently);
  support::add_rows("/sampling/ranks-share-an-epoch", kRanks,
                    test_ranks_share_an_epoch);
  g_test_add_func("/sampling/two-ranks-make-the-batch-of-one-process",
                  test_two_ranks_make_the_batch_of_one_process);
  return g_test_run();
}
