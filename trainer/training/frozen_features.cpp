// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/frozen_features.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

#include "loading/sampler.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

bool changes_pictures(const AugmentOptions& options) {
  const double changes[] = {
      options.hflip,      options.vflip,
      options.degrees,    options.translate,
      options.scale,      options.shear,
      options.brightness, options.contrast,
      options.saturation, options.hue,
      options.grayscale,  options.blur,
      options.erase,      static_cast<double>(options.shift)};
  return options.crop != CropMode::kCentre ||
         options.policy != AugmentPolicy::kNone ||
         std::ranges::any_of(changes, [](double change) { return change > 0; });
}

class FeatureSource : public BatchSource {
 public:
  FeatureSource(const Dataset& dataset, nn::ImageClassifierImpl& model,
                const Preprocessing& preprocessing,
                const LoaderOptions& options)
      : dataset_(dataset), options_(options), place_(dataset.size(), -1) {
    compute(model, preprocessing);
  }

  std::size_t batches() const override {
    return epoch_batches(dataset_.size(), options_);
  }

  void start(std::uint64_t epoch, std::size_t first_batch) override {
    order_.clear();
    const auto order = epoch_order(dataset_, options_, epoch);
    for (std::size_t i = 0; i < rank_size(order.size(), options_); ++i)
      order_.push_back(order[rank_position(i, options_)]);
    next_ = first_batch;
    statistics_ = {.cached = true, .skipped = skipped_.size()};
  }

  TensorBatch next() override {
    TensorBatch batch;
    std::vector<std::int64_t> rows;
    const std::size_t begin = next_ * options_.batch_size;
    const std::size_t end =
        std::min(begin + options_.batch_size, order_.size());
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t row = place_[order_[i]];
      if (row < 0)
        continue;
      rows.push_back(row);
      batch.indices.push_back(order_[i]);
      batch.labels.push_back(dataset_.label(order_[i]));
    }
    ++next_;
    batch.size = rows.size();
    statistics_.pictures += batch.size;
    const torch::Tensor picked = torch::tensor(rows, torch::kInt64);
    batch.inputs = features_.index_select(0, picked);
    batch.target.labels = torch::tensor(batch.labels, torch::kInt64);
    if (several_.defined())
      batch.target.several = several_.index_select(0, picked);
    return batch;
  }

  LoaderStatistics statistics() const override { return statistics_; }
  std::vector<SkippedPicture> skipped() const override { return skipped_; }

 private:
  void compute(nn::ImageClassifierImpl& model,
               const Preprocessing& preprocessing) {
    const torch::NoGradGuard no_grad;
    LoaderOptions once = options_;
    once.training = false;
    once.rank = 0;  // every process has all of them: any may be drawn by any
    once.ranks = 1;
    PictureSource pictures(dataset_, preprocessing, once);
    model.eval();
    pictures.start(/*epoch=*/0, /*first_batch=*/0);
    std::vector<torch::Tensor> features, several;
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < pictures.batches(); ++i) {
      TensorBatch batch = pictures.next();
      if (batch.size == 0)
        continue;
      features.push_back(model.forward_head(
          model.forward_features(batch.inputs), /*pre_logits=*/true));
      if (batch.target.several.defined())
        several.push_back(batch.target.several);
      for (const std::size_t index : batch.indices) place_[index] = rows++;
    }
    skipped_ = pictures.skipped();
    if (features.empty())
      throw Error(ErrorCode::kBadData,
                  "expected a picture that can be read, got none in " +
                      std::to_string(dataset_.size()));
    features_ = torch::cat(features);
    if (!several.empty())
      several_ = torch::cat(several);
  }

  const Dataset& dataset_;
  const LoaderOptions options_;
  std::vector<std::int64_t> place_;  // row of each picture; -1: unreadable
  torch::Tensor features_;           // float [readable pictures, F]
  torch::Tensor several_;            // multi-label sets: [readable, classes]
  std::vector<SkippedPicture> skipped_;
  std::vector<std::size_t> order_;  // of this pass, this rank's
  std::size_t next_ = 0;            // batch
  LoaderStatistics statistics_;
};

}  // namespace

bool can_keep_features(const TrainedModel& model, const TrainOptions& options) {
  return model.only_head_learns() && !changes_pictures(options.augment) &&
         options.mixup_alpha == 0 && options.cutmix_alpha == 0;
}

std::unique_ptr<BatchSource> make_feature_source(
    const Dataset& dataset, nn::ImageClassifierImpl& model,
    const Preprocessing& preprocessing, const LoaderOptions& options) {
  return std::make_unique<FeatureSource>(dataset, model, preprocessing,
                                         options);
}

}  // namespace torchclassify
