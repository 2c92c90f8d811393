// SPDX-License-Identifier: LGPL-2.1-or-later
// Training, from pictures to a bundle.
#include "torchclassify/train/train.h"

#include <glib.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "formats/bundle.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/loader.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::TemporaryFolder;
using namespace torchclassify;

constexpr int kSide = 8;

// Bright at the left for class 0, at the right for class 1, by formula.
class Halves : public Dataset {
 public:
  explicit Halves(std::size_t size,
                  std::vector<std::string> classes = {"left", "right"},
                  std::size_t labels = 2)
      : size_(size), classes_(std::move(classes)), labels_(labels) {}

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return size_; }
  int label(std::size_t i) const override {
    return static_cast<int>(i % labels_);
  }
  std::string name(std::size_t i) const override { return std::to_string(i); }
  Picture picture(std::size_t i) const override {
    Picture picture;
    picture.width = picture.height = kSide;
    for (std::size_t at = 0; at < 3 * kSide * kSide; ++at) {
      const bool left = at / 3 % kSide < kSide / 2;
      const auto noise = (at * 37 + i * 101) % 80;
      picture.pixels.push_back(static_cast<std::uint8_t>(
          noise + (left == (label(i) == 0) ? 120 : 40)));
    }
    return picture;
  }

 private:
  std::size_t size_;
  std::vector<std::string> classes_;
  std::size_t labels_;  // how many of the classes occur
};

class Broken : public Halves {
 public:
  Broken() : Halves(20) {}
  Picture picture(std::size_t i) const override {
    if (i == 7)
      throw Error(ErrorCode::kBadData, "expected a picture: seven.ppm");
    return Halves::picture(i);
  }
};

TrainOptions small_options(const fs::path& output) {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.preprocessing.resize_mode = ResizeMode::kSquash;
  options.preprocessing.crop_width = kSide;
  options.preprocessing.crop_height = kSide;
  options.epochs = 2;
  options.batch_size = 8;
  options.learning_rate = 0.01;
  options.output = output;
  return options;
}

void write_ppm(const fs::path& path, const Picture& picture) {
  fs::create_directories(path.parent_path());
  support::write_file(path, "P6 8 8 255\n" + std::string(picture.pixels.begin(),
                                                         picture.pixels.end()));
}

void test_a_folder_of_pictures_becomes_a_bundle() {
  const TemporaryFolder folder;
  const Halves pictures(40);
  for (std::size_t i = 0; i < pictures.size(); ++i)
    write_ppm(
        folder / "data" /
            pictures.classes()[static_cast<std::size_t>(pictures.label(i))] /
            (std::to_string(i) + ".ppm"),
        pictures.picture(i));
  const auto set = open_dataset(folder / "data", "", Split::kTrain);

  const TrainResult result =
      train(*set, set.get(), small_options(folder / "run"), {});

  g_assert_cmpfloat(result.best.accuracy, ==, 1);
  const Bundle bundle = open_bundle(folder / "run" / "best.safetensors");
  g_assert_true(bundle.info.classes == set->classes());
  g_assert_true(bundle.info.architecture == "simple_cnn");
  g_assert_cmpuint(bundle.info.self_check.logits.size(), ==, 2);
  const auto metrics = nlohmann::json::parse(
      support::read_file(folder / "run" / "metrics.json"));
  g_assert_cmpfloat(metrics.at("accuracy").get<double>(), ==, 1);
  const auto status =
      nlohmann::json::parse(support::read_file(folder / "run" / "status.json"));
  g_assert_true(status.at("state") == "done");
}

void test_the_same_seed_gives_the_same_bytes_for_any_workers() {
  const TemporaryFolder folder;
  const Halves pictures(30);
  TrainOptions options = small_options(folder / "one");
  options.augment = {true, 1, 0.1, 10, 0.2, 0.2};

  options.workers = 1;
  train(pictures, nullptr, options, {});
  options.output = folder / "three";
  options.workers = 3;
  train(pictures, nullptr, options, {});
  options.output = folder / "other";
  options.seed = 1;
  train(pictures, nullptr, options, {});

  const std::string one =
      support::read_file(folder / "one" / "last.safetensors");
  g_assert_true(one ==
                support::read_file(folder / "three" / "last.safetensors"));
  g_assert_false(one ==
                 support::read_file(folder / "other" / "last.safetensors"));
}

void test_weights_start_a_training_with_other_classes() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "first");
  train(Halves(20), nullptr, options, {});
  options.weights = folder / "first" / "best.safetensors";
  options.output = folder / "second";

  train(Halves(21, {"left", "right", "same"}, /*labels=*/3), nullptr, options,
        {});

  const Bundle bundle = open_bundle(folder / "second" / "best.safetensors");
  g_assert_cmpuint(bundle.info.classes.size(), ==, 3);
}

void test_weights_of_another_architecture_are_refused() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder / "first");
  train(Halves(20), nullptr, options, {});
  options.weights = folder / "first" / "best.safetensors";
  options.architecture = "cifar_resnet20";

  expect_error(
      ErrorCode::kBadData, [&] { train(Halves(20), nullptr, options, {}); },
      "best.safetensors");
}

void test_an_unreadable_picture_stops_with_its_name() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kBadData,
      [&] { train(Broken(), nullptr, small_options(folder.path()), {}); },
      "seven.ppm");

  const auto status =
      nlohmann::json::parse(support::read_file(folder / "status.json"));
  g_assert_true(status.at("state") == "failed");
}

void test_a_diverging_loss_is_an_error() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.learning_rate = 9e5;
  options.epochs = 20;

  expect_error(
      ErrorCode::kBadData, [&] { train(Halves(40), nullptr, options, {}); },
      "finite");

  g_assert_false(fs::exists(folder / "metrics.json"));
}

struct BadOption {
  const char* name;
  void (*change)(TrainOptions&);
  const char* word;
};

const BadOption kBadOptions[] = {
    {"no-epochs", [](TrainOptions& o) { o.epochs = 0; }, "epoch"},
    {"no-batch", [](TrainOptions& o) { o.batch_size = 0; }, "batch"},
    {"no-workers", [](TrainOptions& o) { o.workers = 0; }, "workers"},
    {"negative-rate", [](TrainOptions& o) { o.learning_rate = -1; }, "rate"},
    {"nan-rate", [](TrainOptions& o) { o.learning_rate = std::nan(""); },
     "rate"},
    {"momentum-of-one", [](TrainOptions& o) { o.momentum = 1; }, "momentum"},
    {"nesterov-without-momentum",
     [](TrainOptions& o) {
       o.nesterov = true;
       o.momentum = 0;
     },
     "nesterov"},
    {"all-smoothed", [](TrainOptions& o) { o.label_smoothing = 1; }, "label"},
    {"negative-decay", [](TrainOptions& o) { o.weight_decay = -1; }, "decay"},
    {"no-channels", [](TrainOptions& o) { o.preprocessing.channels = 0; },
     "channel"},
    {"zero-std", [](TrainOptions& o) { o.preprocessing.std[0] = 0; }, "std"},
};

void test_a_bad_option_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadOption*>(data);
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  bad.change(options);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { train(Halves(20), nullptr, options, {}); }, bad.word);
}

void test_an_unknown_architecture_is_refused() {
  const TemporaryFolder folder;
  TrainOptions options = small_options(folder.path());
  options.architecture = "resnet19";

  expect_error(
      ErrorCode::kNotFound, [&] { train(Halves(20), nullptr, options, {}); },
      "resnet19");
}

struct BadSet {
  const char* name;
  std::size_t size;
  std::vector<std::string> classes;
  const char* word;
};

const BadSet kBadSets[] = {
    {"one-class", 20, {"left"}, "two classes"},
    {"empty-class", 20, {"left", "right", "middle"}, "\"middle\""},
    {"no-pictures", 0, {"left", "right"}, "\"left\""},
};

void test_a_set_without_a_choice_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadSet*>(data);
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kBadData,
      [&] {
        train(Halves(bad.size, bad.classes), nullptr,
              small_options(folder.path()), {});
      },
      bad.word);
}

void test_validation_with_other_classes_is_refused() {
  const TemporaryFolder folder;
  const Halves validation(20, {"left", "other"});

  expect_error(
      ErrorCode::kBadData,
      [&] { train(Halves(20), &validation, small_options(folder.path()), {}); },
      "classes");
}

void test_the_schedule_warms_up_and_falls() {
  const ScheduleOptions cosine{.kind = ScheduleKind::kCosine,
                               .peak = 1,
                               .warmup_steps = 10,
                               .total_steps = 110};
  const ScheduleOptions step{
      .kind = ScheduleKind::kStep, .peak = 1, .step_size = 5};

  g_assert_cmpfloat(learning_rate(cosine, 0), ==, 0.01);
  g_assert_cmpfloat(learning_rate(cosine, 10), ==, 1);
  g_assert_cmpfloat_with_epsilon(learning_rate(cosine, 60), 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon(learning_rate(cosine, 110), 0, 1e-9);
  g_assert_cmpfloat(learning_rate(step, 4), ==, 1);
  g_assert_cmpfloat_with_epsilon(learning_rate(step, 10), 0.01, 1e-9);
}

void test_augmentation_without_options_changes_nothing() {
  const Picture picture = Halves(1).picture(0);
  std::vector<std::uint8_t> output(picture.pixels.size());

  augment({picture.pixels.data(), kSide, kSide, 3}, {}, KeyedRandom({1}), kSide,
          kSide, output.data());

  g_assert_true(output == picture.pixels);
}

// A flip is its own inverse, so one of two seeds must mirror the rows.
void test_a_flip_mirrors_rows() {
  const std::uint8_t row[] = {1, 2, 3};
  bool plain = false, mirrored = false;

  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::uint8_t output[3];
    augment({row, 3, 1, 1}, {.flip = true}, KeyedRandom({seed}), 3, 1, output);
    plain |= output[0] == 1 && output[1] == 2 && output[2] == 3;
    mirrored |= output[0] == 3 && output[1] == 2 && output[2] == 1;
  }

  g_assert_true(plain && mirrored);
}

void test_real_digits_are_learnt() {
  const fs::path path = support::real_data_or_skip("mnist");
  if (path.empty())
    return;
  const TemporaryFolder folder;
  const auto training = open_dataset(path, "mnist", Split::kTrain);
  const auto test = open_dataset(path, "mnist", Split::kTest);
  TrainOptions options = small_options(folder.path());
  options.preprocessing.crop_width = options.preprocessing.crop_height = 28;
  options.preprocessing.channels = 1;
  options.preprocessing.mean = {0.1307f};
  options.preprocessing.std = {0.3081f};
  options.optimiser = OptimiserKind::kAdam;
  options.learning_rate = 1e-3;
  options.weight_decay = 0;
  options.batch_size = 64;
  options.epochs = 10;

  const TrainResult result = train(*training, test.get(), options, {});

  g_assert_cmpfloat(result.best.accuracy, >=, 0.965);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/train/a-folder-of-pictures-becomes-a-bundle",
                  test_a_folder_of_pictures_becomes_a_bundle);
  g_test_add_func("/train/the-same-seed-gives-the-same-bytes-for-any-workers",
                  test_the_same_seed_gives_the_same_bytes_for_any_workers);
  g_test_add_func("/train/weights-start-a-training",
                  test_weights_start_a_training_with_other_classes);
  g_test_add_func("/train/weights-of-another-architecture-are-refused",
                  test_weights_of_another_architecture_are_refused);
  g_test_add_func("/train/an-unreadable-picture-stops-with-its-name",
                  test_an_unreadable_picture_stops_with_its_name);
  g_test_add_func("/train/a-diverging-loss-is-an-error",
                  test_a_diverging_loss_is_an_error);
  support::add_rows("/train/a-bad-option-is-refused", kBadOptions,
                    test_a_bad_option_is_refused);
  g_test_add_func("/train/an-unknown-architecture-is-refused",
                  test_an_unknown_architecture_is_refused);
  support::add_rows("/train/a-set-without-a-choice-is-refused", kBadSets,
                    test_a_set_without_a_choice_is_refused);
  g_test_add_func("/train/validation-with-other-classes-is-refused",
                  test_validation_with_other_classes_is_refused);
  g_test_add_func("/train/the-schedule-warms-up-and-falls",
                  test_the_schedule_warms_up_and_falls);
  g_test_add_func("/train/augmentation-without-options-changes-nothing",
                  test_augmentation_without_options_changes_nothing);
  g_test_add_func("/train/a-flip-mirrors-rows", test_a_flip_mirrors_rows);
  g_test_add_func("/train/real-digits-are-learnt", test_real_digits_are_learnt);
  return g_test_run();
}
