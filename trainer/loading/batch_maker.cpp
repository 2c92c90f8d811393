// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/batch_maker.h"

#include <algorithm>
#include <utility>

#include "loading/mixing.h"
#include "loading/sampler.h"
#include "preprocess/preprocess.h"
#include "random.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Keeps the memory, and of the inputs what is there: they are overwritten.
void clear(Batch& batch) {
  batch.size = 0;
  batch.labels.clear();
  batch.targets.clear();
  batch.indices.clear();
  batch.second_labels.clear();
  batch.first_weight = 1;
}

}  // namespace

BatchMaker::BatchMaker(const Dataset& dataset,
                       const Preprocessing& preprocessing,
                       const LoaderOptions& options, PictureCache& cache)
    : dataset_(dataset),
      preprocessing_(preprocessing),
      options_(options),
      sample_(dataset, preprocessing, options, cache) {}

MadeBatch BatchMaker::make(const EpochPlan& plan, std::size_t number,
                           Batch memory) {
  const std::size_t pictures = rank_size(plan.order.size(), options_);
  const std::size_t first = std::min(number * options_.batch_size, pictures);
  const std::size_t end = std::min(first + options_.batch_size, pictures);
  MadeBatch made{std::move(memory), {}};
  Batch& batch = made.batch;
  clear(batch);
  batch.inputs.resize((end - first) * input_size(preprocessing_));
  for (std::size_t i = first; i < end; ++i) {
    const std::size_t position = rank_position(i, options_);
    add(plan.order[position],
        KeyedRandom({options_.seed, plan.epoch, position}), made);
  }
  batch.inputs.resize(batch.size * input_size(preprocessing_));
  if (!options_.training)
    return made;
  constexpr std::uint64_t kMixing = 1;  // apart from the pictures' keys
  const KeyedRandom random(
      {options_.seed, plan.epoch, rank_position(number, options_), kMixing});
  if (const auto mix = draw_mix(options_, preprocessing_.crop_width,
                                preprocessing_.crop_height, random))
    mix_batch(*mix, preprocessing_.crop_width, preprocessing_.channels, batch);
  return made;
}

void BatchMaker::add(std::size_t index, KeyedRandom random, MadeBatch& made) {
  try {
    sample_.read(index, random);
  } catch (const Error& error) {
    if (options_.on_corrupt == OnCorrupt::kFail ||
        error.code() == ErrorCode::kOutOfMemory)
      throw;
    made.skipped.push_back({index, dataset_.name(index), error.what()});
    return;
  }
  Batch& batch = made.batch;
  sample_.write(random,
                batch.inputs.data() + batch.size * input_size(preprocessing_));
  add_labels(index, batch);
  batch.indices.push_back(index);
  ++batch.size;
}

void BatchMaker::add_labels(std::size_t index, Batch& batch) const {
  batch.labels.push_back(dataset_.label(index));
  if (!dataset_.multi_label())
    return;
  const std::size_t before = batch.targets.size();
  batch.targets.resize(before + dataset_.classes().size());
  for (const int label : dataset_.labels(index))
    batch.targets[before + static_cast<std::size_t>(label)] = 1;
}

}  // namespace torchclassify
