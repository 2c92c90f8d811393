// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures a second of the training loader, for tools/bench-loader.
//   loader rate FOLDER WORKERS EPOCHS CACHE-BYTES JITTER
//   loader record FOLDER EPOCHS JITTER OUTPUT-FOLDER
// FOLDER has a folder per class. JITTER 1 adds a ColorJitter. record writes
// what is done to each picture and the first batch of inputs.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "augment/crop_box.h"
#include "loading/sampler.h"
#include "torchclassify/train/loader.h"

namespace {
namespace fs = std::filesystem;
using namespace torchclassify;

LoaderOptions training_options(bool jitter) {
  LoaderOptions options;
  options.training = true;
  options.augment.crop = CropMode::kRandomResized;
  options.augment.hflip = 0.5;
  if (jitter) {
    options.augment.brightness = options.augment.contrast = 0.4;
    options.augment.saturation = 0.4;
    options.augment.hue = 0.1;
  }
  return options;
}

// Of a whole pass; what a user does with a batch takes no time here.
std::size_t run_epoch(Loader& loader, std::uint64_t epoch) {
  loader.start(epoch);
  std::size_t pictures = 0;
  for (std::size_t i = 0; i < loader.batches(); ++i) {
    Batch batch = loader.next();
    pictures += batch.size;
    loader.recycle(std::move(batch));
  }
  return pictures;
}

double rate(const Dataset& set, const LoaderOptions& options, int epochs) {
  Loader loader(set, Preprocessing{}, options);
  run_epoch(loader, 0);  // fills the cache
  const auto begin = std::chrono::steady_clock::now();
  std::size_t pictures = 0;
  for (int epoch = 1; epoch <= epochs; ++epoch)
    pictures += run_epoch(loader, static_cast<std::uint64_t>(epoch));
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  return static_cast<double>(pictures) / took.count();
}

// A line for each picture of epochs 1 to epochs: left, top, width and height of
// its crop, 1 if flipped, and its path.
void write_changes(const Dataset& set, const LoaderOptions& options, int epochs,
                   const fs::path& path) {
  std::ofstream file(path);
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const auto key = static_cast<std::uint64_t>(epoch);
    const auto order = epoch_order(set, options, key);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Picture picture = set.picture(order[i]);
      KeyedRandom random({options.seed, key, i});
      const PixelRect box = random_crop_box(picture.width, picture.height,
                                            options.augment, random);
      const bool flipped = random.chance(options.augment.hflip);
      file << box.x << ' ' << box.y << ' ' << box.width << ' ' << box.height
           << ' ' << flipped << ' ' << set.name(order[i]) << '\n';
    }
  }
  if (!file.flush())
    throw std::runtime_error("cannot write " + path.string());
}

void write_first_batch(const Dataset& set, const LoaderOptions& options,
                       const fs::path& path) {
  Loader loader(set, Preprocessing{}, options);
  loader.start(1);
  const Batch batch = loader.next();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(batch.inputs.data()),
             static_cast<std::streamsize>(batch.inputs.size() * sizeof(float)));
  if (!file.flush())
    throw std::runtime_error("cannot write " + path.string());
}

void run(int argc, char** argv) {
  const auto set = open_dataset(argv[2], "imagefolder", Split::kTrain);
  if (argc == 7 && std::strcmp(argv[1], "rate") == 0) {
    LoaderOptions options = training_options(std::stoi(argv[6]) != 0);
    options.workers = std::stoi(argv[3]);
    options.cache_bytes = std::stoull(argv[5]);
    std::printf("%.3f\n", rate(*set, options, std::stoi(argv[4])));
    return;
  }
  const LoaderOptions options = training_options(std::stoi(argv[4]) != 0);
  const fs::path output = argv[5];
  write_changes(*set, options, std::stoi(argv[3]), output / "changes.txt");
  write_first_batch(*set, options, output / "first_batch.f32");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (!(command == "rate" && argc == 7) &&
      !(command == "record" && argc == 6)) {
    std::fprintf(stderr,
                 "usage: loader rate FOLDER WORKERS EPOCHS CACHE-BYTES JITTER\n"
                 "       loader record FOLDER EPOCHS JITTER OUTPUT-FOLDER\n");
    return 2;
  }
  try {
    run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loader: %s\n", error.what());
    return 1;
  }
  return 0;
}
