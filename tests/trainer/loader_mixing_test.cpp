// SPDX-License-Identifier: LGPL-2.1-or-later
// Mixup and cutmix, against what PyTorch's operations gave.
#include "loading/mixing.h"

#include <glib.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/rows.h"
#include "support/test_files.h"
#include "trainer/loader_pictures.h"

namespace {

using support::FormulaPictures;
using support::small_input;
using namespace torchclassify;

// As in record_mixing.py.
constexpr int kHeight = 4, kWidth = 5, kChannels = 2, kPictures = 3;
constexpr int kClasses = 4;

Batch recorded_input() {
  Batch batch;
  batch.size = kPictures;
  for (int i = 0; i < kPictures * kHeight * kWidth * kChannels; ++i)
    batch.inputs.push_back(static_cast<float>(i) * 0.375f - 20);
  batch.labels = {2, 0, 3};
  batch.targets.assign(kPictures * kClasses, 0.0f);
  for (std::size_t i = 0; i < kPictures; ++i)
    batch.targets[i * kClasses + static_cast<std::size_t>(batch.labels[i])] = 1;
  return batch;
}

void test_mixing_is_that_of_torchvision() {
  const auto rows = nlohmann::json::parse(
      support::read_file(support::test_file("loader/mixing.json")));
  g_assert_cmpuint(rows.size(), ==, 6);

  for (const auto& row : rows) {
    const double share = row.at("share");
    const Mix mix = row.contains("x") ? cut_around(row.at("x"), row.at("y"),
                                                   share, kWidth, kHeight)
                                      : Mix{.first_weight = share};
    Batch batch = recorded_input();
    mix_batch(mix, kWidth, kChannels, batch);

    g_assert_cmpfloat(batch.first_weight, ==, row.at("weight").get<double>());
    g_assert_true(batch.inputs == row.at("inputs").get<std::vector<float>>());
    g_assert_true(batch.second_labels == std::vector<std::int64_t>({3, 2, 0}));
    g_assert_true(batch.targets == row.at("targets").get<std::vector<float>>());
  }
}

void test_a_lone_picture_is_mixed_with_itself() {
  Batch batch;
  batch.size = 1;
  batch.inputs = {1, 2, 3, 4};
  batch.labels = {5};

  mix_batch({.first_weight = 0.25}, 2, 1, batch);

  g_assert_true(batch.inputs == std::vector<float>({1, 2, 3, 4}));
  g_assert_true(batch.second_labels == std::vector<std::int64_t>({5}));
}

void test_an_empty_batch_stays_as_it_is() {
  Batch batch;

  mix_batch({.first_weight = 0.25}, 2, 3, batch);

  g_assert_cmpfloat(batch.first_weight, ==, 1);
  g_assert_true(batch.second_labels.empty());
}

struct Draw {
  const char* name;
  double mixup_alpha, cutmix_alpha, probability;
  double mixed, cut;  // shares of all batches
};

const Draw kDraws[] = {
    {"none", 0, 0, 1, 0, 0},
    {"mixup", 0.2, 0, 1, 1, 0},
    {"cutmix", 0, 1, 1, 1, 1},
    {"either", 0.2, 1, 1, 1, 0.5},
    {"sometimes", 0.2, 1, 0.25, 0.25, 0.125},
    {"never", 0.2, 1, 0, 0, 0},
};

void test_batches_are_mixed_as_often_as_asked(gconstpointer data) {
  const auto& row = *static_cast<const Draw*>(data);
  LoaderOptions options;
  options.mixup_alpha = row.mixup_alpha;
  options.cutmix_alpha = row.cutmix_alpha;
  options.mix_probability = row.probability;
  constexpr int kBatches = 4000;

  int mixed = 0, cut = 0;
  for (std::uint64_t i = 0; i < kBatches; ++i) {
    const auto mix = draw_mix(options, 30, 20, KeyedRandom({i}));
    mixed += mix.has_value();
    cut += mix && mix->cut;
  }

  g_assert_cmpfloat_with_epsilon(mixed / double{kBatches}, row.mixed, 0.025);
  g_assert_cmpfloat_with_epsilon(cut / double{kBatches}, row.cut, 0.025);
}

// Beta(a, a) has the variance 1 / (4 (2 a + 1)).
void test_the_weight_is_beta_distributed() {
  for (const double alpha : {0.1, 0.4, 1.0, 3.0}) {
    LoaderOptions options;
    options.mixup_alpha = alpha;
    constexpr int kBatches = 20000;

    double sum = 0, squares = 0;
    for (std::uint64_t i = 0; i < kBatches; ++i) {
      const double weight =
          draw_mix(options, 8, 8, KeyedRandom({i}))->first_weight;
      sum += weight;
      squares += (weight - 0.5) * (weight - 0.5);
    }

    g_assert_cmpfloat_with_epsilon(sum / kBatches, 0.5, 0.012);
    g_assert_cmpfloat_with_epsilon(squares / kBatches,
                                   1 / (4 * (2 * alpha + 1)), 0.006);
  }
}

void test_boxes_lie_inside_and_weigh_their_area() {
  LoaderOptions options;
  options.cutmix_alpha = 1;

  for (std::uint64_t i = 0; i < 500; ++i) {
    const Mix mix = *draw_mix(options, 7, 5, KeyedRandom({i}));

    g_assert_true(0 <= mix.left && mix.left <= mix.right && mix.right <= 7);
    g_assert_true(0 <= mix.top && mix.top <= mix.bottom && mix.bottom <= 5);
    const int area = (mix.right - mix.left) * (mix.bottom - mix.top);
    g_assert_cmpfloat_with_epsilon(mix.first_weight, 1 - area / 35.0, 1e-12);
  }
}

void test_a_loader_mixes_the_labels_of_its_pictures() {
  const FormulaPictures pictures(7);
  LoaderOptions options{.batch_size = 4, .training = true};
  options.cutmix_alpha = 1;
  Loader loader(pictures, small_input(), options);

  for (const Batch& batch : support::run_pass(loader, 3)) {
    g_assert_cmpuint(batch.second_labels.size(), ==, batch.size);
    for (std::size_t i = 0; i < batch.size; ++i)
      g_assert_cmpint(batch.second_labels[i], ==,
                      batch.labels[(i + batch.size - 1) % batch.size]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/mixing/is-that-of-torchvision",
                  test_mixing_is_that_of_torchvision);
  g_test_add_func("/mixing/a-lone-picture-is-mixed-with-itself",
                  test_a_lone_picture_is_mixed_with_itself);
  g_test_add_func("/mixing/an-empty-batch-stays-as-it-is",
                  test_an_empty_batch_stays_as_it_is);
  support::add_rows("/mixing/batches-are-mixed-as-often-as-asked", kDraws,
                    test_batches_are_mixed_as_often_as_asked);
  g_test_add_func("/mixing/the-weight-is-beta-distributed",
                  test_the_weight_is_beta_distributed);
  g_test_add_func("/mixing/boxes-lie-inside-and-weigh-their-area",
                  test_boxes_lie_inside_and_weigh_their_area);
  g_test_add_func("/mixing/a-loader-mixes-the-labels-of-its-pictures",
                  test_a_loader_mixes_the_labels_of_its_pictures);
  return g_test_run();
}
