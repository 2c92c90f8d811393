// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "random.h"

namespace torchclassify {
namespace {

// Draws a class by its weight, then one of its pictures: as drawing a picture
// by the weight of its class over their number.
class WeightedDraw {
 public:
  WeightedDraw(const Dataset& dataset, Sampling sampling) {
    std::map<int, std::vector<std::size_t>> by_label;
    for (std::size_t i = 0; i < dataset.size(); ++i)
      by_label[dataset.label(i)].push_back(i);
    double sum = 0;
    for (auto& [label, pictures] : by_label) {
      sum += sampling == Sampling::kBalanced
                 ? 1
                 : std::sqrt(static_cast<double>(pictures.size()));
      limits_.push_back(sum);
      pictures_.push_back(std::move(pictures));
    }
  }

  std::size_t draw(KeyedRandom& random) const {
    const auto limit = std::upper_bound(limits_.begin(), limits_.end() - 1,
                                        random.uniform() * limits_.back());
    const auto& pictures =
        pictures_[static_cast<std::size_t>(limit - limits_.begin())];
    return pictures[random.below(pictures.size())];
  }

 private:
  std::vector<double> limits_;  // running sums of the weights
  std::vector<std::vector<std::size_t>> pictures_;  // by class
};

}  // namespace

std::vector<std::size_t> epoch_order(const Dataset& dataset,
                                     const LoaderOptions& options,
                                     std::uint64_t epoch) {
  std::vector<std::size_t> order(dataset.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!options.training)
    return order;
  KeyedRandom random({options.seed, epoch});
  if (options.sampling == Sampling::kShuffle) {
    random.shuffle(order);
  } else {
    const WeightedDraw pictures(dataset, options.sampling);
    for (std::size_t& index : order) index = pictures.draw(random);
  }
  // In place from the end: a copy never comes before what it is a copy of.
  const auto repeats = static_cast<std::size_t>(options.repeats);
  for (std::size_t i = order.size(); i-- > 0;) order[i] = order[i / repeats];
  return order;
}

std::size_t rank_size(std::size_t pictures, const LoaderOptions& options) {
  const auto rank = static_cast<std::size_t>(options.rank);
  const auto ranks = static_cast<std::size_t>(options.ranks);
  return pictures > rank ? (pictures - rank - 1) / ranks + 1 : 0;
}

// The first rank has the most pictures.
std::size_t epoch_batches(std::size_t pictures, const LoaderOptions& options) {
  LoaderOptions first = options;
  first.rank = 0;
  return (rank_size(pictures, first) - 1) / options.batch_size + 1;
}

}  // namespace torchclassify
