// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/torchscript.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <torch/script.h>

#include "engine/dry_run.h"
#include "engine/torch_reason.h"
#include "formats/bundle.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using torch::jit::Module;

// The interpreter rethrows everything as std::runtime_error.
bool is_out_of_memory(const std::string& reason) {
  return reason.find("out of memory") != reason.npos ||
         reason.find("can't allocate memory") != reason.npos;
}

class TorchScriptModel : public CodeModel {
 public:
  TorchScriptModel(Module module, std::string description,
                   const NetworkOptions& options)
      : module_(std::move(module)),
        forward_(module_.get_method("forward")),
        description_(std::move(description)),
        device_(options.device),
        model_file_(options.model_file) {}

  std::string kind() const override { return "torchscript"; }
  std::string description() const override { return description_; }
  BatchLimits batch_limits() const override { return {}; }
  std::vector<InputForm> forms(const Preprocessing* wanted) const override {
    return likely_forms(wanted, likely_channels());
  }
  torch::Tensor run(const torch::Tensor& input) const override;

 private:
  int likely_channels() const;

  const Module module_;
  const torch::jit::Method forward_;
  const std::string description_;
  const torch::Device device_;
  const std::string model_file_;  // for errors
};

torch::Tensor TorchScriptModel::run(const torch::Tensor& input) const {
  c10::IValue result;
  try {
    result = forward_({input.to(device_)});
  } catch (const std::exception& error) {
    if (is_out_of_memory(error.what()))
      throw Error(ErrorCode::kOutOfMemory,
                  "no memory for the pictures on " + device_.str());
    throw;
  }
  if (!result.isTensor())
    throw Error(ErrorCode::kUnsupported, std::string(kExpectedSignature) +
                                             ", got " + result.type()->str() +
                                             " out: " + model_file_);
  return result.toTensor();
}

// What the first convolution takes, for no other weight has four sides before
// it in most models.
int TorchScriptModel::likely_channels() const {
  for (const torch::Tensor& parameter : module_.parameters()) {
    if (parameter.dim() == 4)
      return static_cast<int>(std::min<int64_t>(parameter.size(1), 4));
  }
  return 0;
}

Module load_module(const NetworkOptions& options, std::string& description) {
  torch::jit::ExtraFilesMap extra_files = {{kBundleKey, ""}};
  try {
    Module module =
        torch::jit::load(options.model_file, options.device, extra_files,
                         /*load_debug_files=*/false);
    module.eval();
    description = extra_files[kBundleKey];
    return module;
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kBadData,
                "expected a TorchScript archive that this LibTorch loads, got "
                "the error \"" +
                    torch_reason(error) + "\": " + options.model_file);
  }
}

// "forward(Tensor, Tensor) -> (Tensor, Tensor)"
std::string signature_name(const c10::FunctionSchema& schema) {
  std::string name = schema.name() + "(";
  for (std::size_t i = 1; i < schema.arguments().size(); ++i)
    name += (i > 1 ? ", " : "") + schema.arguments()[i].type()->str();
  name += ") ->";
  for (const c10::Argument& result : schema.returns())
    name += " " + result.type()->str();
  return name;
}

bool may_be_tensor(const c10::Argument& argument) {
  const c10::TypePtr& type = argument.type();
  return c10::TensorType::get()->isSubtypeOf(*type) ||
         type->isSubtypeOf(*c10::TensorType::get());
}

// self and one tensor in; more only if they have a default.
bool may_be_classifier(const c10::FunctionSchema& schema) {
  const auto& in = schema.arguments();
  return in.size() >= 2 && may_be_tensor(in[1]) &&
         std::all_of(in.begin() + 2, in.end(),
                     [](const c10::Argument& argument) {
                       return argument.default_value().has_value();
                     }) &&
         schema.returns().size() == 1 && may_be_tensor(schema.returns()[0]);
}

void check_signature(const Module& module, const std::string& model_file) {
  const auto forward = module.find_method("forward");
  if (!forward)
    throw Error(ErrorCode::kUnsupported,
                std::string(kExpectedSignature) +
                    ", got one without forward(): " + model_file);
  const c10::FunctionSchema& schema = forward->function().getSchema();
  if (!may_be_classifier(schema))
    throw Error(ErrorCode::kUnsupported, std::string(kExpectedSignature) +
                                             ", got " + signature_name(schema) +
                                             ": " + model_file);
}

}  // namespace

std::unique_ptr<CodeModel> open_torchscript(const NetworkOptions& options) {
  std::string description;
  Module module = load_module(options, description);
  check_signature(module, options.model_file);
  return std::make_unique<TorchScriptModel>(std::move(module),
                                            std::move(description), options);
}

}  // namespace torchclassify
