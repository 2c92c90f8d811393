// SPDX-License-Identifier: LGPL-2.1-or-later
// Trains a small network on CIFAR-10 and says how good it is, class by class.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "torchclassify/train/train.h"

using namespace torchclassify;

namespace {

// simple_cnn, cross-entropy, Adam; everything else is PyTorch's default.
TrainOptions options_for(int epochs, const std::string& output) {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.preprocessing.resize_size = 32;
  options.preprocessing.crop_width = 32;
  options.preprocessing.crop_height = 32;
  options.optimiser.kind = OptimiserKind::kAdam;
  options.optimiser.weight_decay = 0;
  options.schedule.peak = 1e-3;  // the learning rate
  options.epochs = epochs;
  options.output = output;
  return options;
}

TrainCallbacks progress() {
  TrainCallbacks callbacks;
  callbacks.on_epoch = [](const EpochReport& report) {
    const EpochRecord& epoch = report.record;
    std::printf("epoch %2d  loss %.4f  test accuracy %.4f  %.0f s\n",
                epoch.epoch, epoch.train_loss, epoch.valid_accuracy,
                report.seconds);
    std::fflush(stdout);
  };
  return callbacks;
}

void print_scores(const std::string& name, const Scores& scores) {
  std::printf("%-16s %9.4f %9.4f %9.4f\n", name.c_str(), scores.precision,
              scores.recall, scores.f1);
}

void print_metrics(const Metrics& metrics, const Dataset& pictures) {
  std::printf("\n%-16s %9s %9s %9s\n", "", "precision", "recall", "F1");
  for (std::size_t label = 0; label < pictures.classes().size(); ++label)
    print_scores(pictures.classes()[label], metrics.per_class[label]);
  print_scores("mean", metrics.macro);
  std::printf("\naccuracy %.4f\n", metrics.accuracy);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: %s CIFAR-10 OUTPUT-FOLDER [EPOCHS]\n",
                 argv[0]);
    return 2;
  }
  try {
    // The binary version, its archive, or a folder of pictures for each class.
    const auto training = open_dataset(argv[1], "", Split::kTrain);
    const auto test = open_dataset(argv[1], "", Split::kTest);
    const int epochs = argc > 3 ? std::atoi(argv[3]) : 10;

    const TrainResult result =
        train(*training, test.get(), options_for(epochs, argv[2]), progress());

    print_metrics(result.best, *test);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}
