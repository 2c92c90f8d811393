// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <span>

#include <torch/torch.h>

#include "engine/device.h"
#include "engine/model_kind.h"
#include "engine/top_k.h"
#include "engine/torch_reason.h"
#include "explain/grad_cam.h"
#include "formats/bundle.h"
#include "models/state_dict.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"
#include "torchclassify/train/explain.h"

namespace torchclassify {
namespace {

using Module = std::shared_ptr<nn::ImageClassifierImpl>;

// Runs work that LibTorch does, and turns its errors into ours.
template <typename Work>
auto with_our_errors(const std::string& file, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const c10::OutOfMemoryError&) {
    throw Error(ErrorCode::kOutOfMemory, "no memory to explain with: " + file);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInternal, torch_reason(error) + ": " + file);
  }
}

Bundle open_data(const std::string& file) {
  if (model_kind(file) != ModelKind::kBundle)
    throw Error(ErrorCode::kUnsupported,
                "expected a bundle, whose features can be looked at, got a "
                "model that is code: " +
                    file);
  return open_bundle(file);
}

Module load(const Bundle& bundle, const torch::Device& device,
            const std::string& file) {
  const Module module = create_model(bundle.info);
  load_state_dict(*module, as_tensors(bundle.file), file);
  module->eval();
  module->to(device);
  for (auto& parameter : module->parameters()) parameter.requires_grad_(false);
  return module;
}

// map: as grad_cam()'s.
HeatMap heat_map(const torch::Tensor& map, const Preprocessing& shape) {
  namespace F = torch::nn::functional;
  auto large = F::interpolate(
      map.unsqueeze(0).unsqueeze(0),
      F::InterpolateFuncOptions()
          .size(std::vector<std::int64_t>{shape.crop_height, shape.crop_width})
          .mode(torch::kBilinear)
          .align_corners(false));
  const auto largest = large.max();
  if (largest.item<float>() > 0)
    large = large / largest;
  large = large.cpu().contiguous();
  const float* const values = large.const_data_ptr<float>();
  return {.width = shape.crop_width,
          .height = shape.crop_height,
          .values = {values, values + large.numel()}};
}

}  // namespace

struct Explainer::Impl {
  Impl(const std::string& model_file, const torch::Device& where,
       const Bundle& bundle)
      : file(model_file),
        device(where),
        info(bundle.info),
        module(load(bundle, where, model_file)),
        preprocessor(bundle.info.preprocessing) {}

  torch::Tensor input(const Picture& picture) {
    const Preprocessing& shape = info.preprocessing;
    const auto values =
        torch::empty({1, shape.channels, shape.crop_height, shape.crop_width});
    preprocessor.run(picture.view(), values.mutable_data_ptr<float>());
    return values.to(device);
  }

  Explanation explain(const Picture& picture, int label_id) {
    const GradCam cam = grad_cam(*module, input(picture), label_id);
    const auto logits = cam.logits.cpu().contiguous();
    const std::span<const float> scores(
        logits.const_data_ptr<float>(),
        static_cast<std::size_t>(logits.numel()));
    if (!all_finite(scores) || !cam.map.isfinite().all().item<bool>())
      throw Error(ErrorCode::kBadData,
                  "expected finite logits and gradients, got NaN or infinity "
                  "from " +
                      file);
    const auto sorted =
        top_k(scores, info.activation, info.temperature, scores.size());
    const auto one =
        std::ranges::find(sorted, cam.label, &Prediction::label_id);
    const auto label = static_cast<std::size_t>(cam.label);
    return {.label_id = static_cast<int>(cam.label),
            .label = info.classes.at(label),
            .confidence = one->confidence,
            .map = heat_map(cam.map, info.preprocessing)};
  }

  const std::string file;
  const torch::Device device;
  const ModelInfo info;
  const Module module;
  Preprocessor preprocessor;
};

Explainer::Explainer(const std::filesystem::path& bundle,
                     const std::string& device) {
  const std::string file = bundle.string();
  const Bundle opened = open_data(file);
  const torch::Device where = resolve_device(device);
  impl_ = with_our_errors(
      file, [&] { return std::make_unique<Impl>(file, where, opened); });
}

Explainer::~Explainer() = default;

const ModelInfo& Explainer::info() const { return impl_->info; }

Explanation Explainer::explain(const Picture& picture, int label_id) {
  const auto classes = static_cast<int>(impl_->info.classes.size());
  if (label_id < kPredictedClass || label_id >= classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a label id below " + std::to_string(classes) +
                    ", got " + std::to_string(label_id));
  return with_our_errors(impl_->file,
                         [&] { return impl_->explain(picture, label_id); });
}

}  // namespace torchclassify
