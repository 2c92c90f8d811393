// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/bundle_network.h"

#include <utility>

#include <torch/torch.h>

#include "formats/bundle.h"
#include "models/state_dict.h"
#include "torchclassify/error.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {
namespace {

using Module = std::shared_ptr<nn::ImageClassifierImpl>;

class BundleNetwork : public Network {
 public:
  BundleNetwork(Module module, const NetworkOptions& options)
      : module_(std::move(module)),
        device_(options.device),
        dtype_(options.dtype) {}

  torch::Tensor forward(const torch::Tensor& pictures) const override {
    return module_->forward(pictures.to(device_, dtype_)
                                .contiguous(torch::MemoryFormat::ChannelsLast));
  }

 private:
  const Module module_;
  const torch::Device device_;
  const torch::Dtype dtype_;
};

// Before there is anything in them, and in the memory that they have: filled
// so, they need no second copy.
void lay_out_channels_last(torch::nn::Module& module) {
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.as_strided(
          parameter.sizes(),
          c10::get_channels_last_strides_2d(parameter.sizes())));
  }
}

// create_model() does not know the file, nor that nobody typed the name.
Module make_module(const ModelInfo& info, const std::string& model_file) {
  try {
    return create_model(info);
  } catch (const Error& error) {
    throw Error(error.code() == ErrorCode::kNotFound ? ErrorCode::kUnsupported
                                                     : ErrorCode::kBadData,
                error.what() + (": " + model_file));
  }
}

}  // namespace

OpenedModel open_bundle_network(const NetworkOptions& options) {
  Bundle bundle = open_bundle(options.model_file);
  const torch::NoGradGuard no_grad;
  const Module module = make_module(bundle.info, options.model_file);
  lay_out_channels_last(*module);
  load_state_dict(*module, as_tensors(bundle.file), options.model_file);
  module->eval();
  module->to(options.device, options.dtype);
  return {std::move(bundle.info),
          std::make_unique<BundleNetwork>(module, options)};
}

}  // namespace torchclassify
