// SPDX-License-Identifier: LGPL-2.1-or-later
#include "small_model.h"

#include <glib.h>

#include <torch/torch.h>

#include "../models/formula.h"
#include "formats/bundle.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "preprocess/preprocess.h"

namespace support {
using namespace torchclassify;

ModelInfo small_info() {
  ModelInfo info;
  info.architecture = "simple_cnn";
  info.classes = {"stop", "yield", "priority"};
  info.preprocessing.resize_size = 8;
  info.preprocessing.crop_width = 8;
  info.preprocessing.crop_height = 8;
  return info;
}

Picture8 numbered_picture(int number) {
  Picture8 picture = self_check_picture(16, 12);
  for (std::uint8_t& byte : picture.pixels)
    byte = static_cast<std::uint8_t>(byte * (number + 1) + 37 * number);
  return picture;
}

struct SmallModel::Impl {
  std::shared_ptr<nn::ImageClassifierImpl> module = create_model(small_info());
};

SmallModel::SmallModel() : impl_(std::make_unique<Impl>()) {
  at::set_num_threads(1);  // the workers need the cores
  fill_by_formula(*impl_->module);
}

SmallModel::~SmallModel() = default;

void SmallModel::set_all(const std::string& name, float value) {
  const torch::NoGradGuard no_grad;
  impl_->module->named_parameters()[name].fill_(value);
}

void SmallModel::save(const std::filesystem::path& path,
                      const ModelInfo& info) const {
  save_bundle(path, info, *impl_->module);
}

void SmallModel::save_as_it_is(const std::filesystem::path& path,
                               const ModelInfo& info) const {
  const auto tensors = state_dict(*impl_->module);
  TensorViews views;
  for (const auto& [name, tensor] : tensors) views[name] = as_view(tensor);
  write_bundle(path, info, views);
}

std::vector<float> SmallModel::logits(const ImageView& picture) const {
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::empty({1, 3, 8, 8});
  preprocess_reference(picture, small_info().preprocessing,
                       input.mutable_data_ptr<float>());
  const torch::Tensor logits = impl_->module->forward(input).contiguous();
  const float* const begin = logits.const_data_ptr<float>();
  return {begin, begin + logits.numel()};
}

void assert_near(const std::vector<float>& got,
                 const std::vector<float>& expected, float tolerance) {
  g_assert_cmpuint(got.size(), ==, expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    g_assert_cmpfloat_with_epsilon(got[i], expected[i], tolerance);
}

}  // namespace support
