// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/state_dict.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "formats/weights_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::pair<Dtype, torch::Dtype> kDtypes[] = {
    {Dtype::kBool, torch::kBool},
    {Dtype::kU8, torch::kUInt8},
    {Dtype::kI8, torch::kInt8},
    {Dtype::kF8E5m2, torch::kFloat8_e5m2},
    {Dtype::kF8E4m3, torch::kFloat8_e4m3fn},
    {Dtype::kI16, torch::kInt16},
    {Dtype::kU16, torch::kUInt16},
    {Dtype::kF16, torch::kHalf},
    {Dtype::kBf16, torch::kBFloat16},
    {Dtype::kI32, torch::kInt32},
    {Dtype::kU32, torch::kUInt32},
    {Dtype::kF32, torch::kFloat32},
    {Dtype::kF64, torch::kFloat64},
    {Dtype::kI64, torch::kInt64},
    {Dtype::kU64, torch::kUInt64},
};

torch::Dtype torch_dtype(Dtype dtype) {
  for (const auto& [ours, theirs] : kDtypes) {
    if (ours == dtype)
      return theirs;
  }
  throw Error(ErrorCode::kInternal, "a tensor type without a LibTorch type");
}

Dtype our_dtype(torch::Dtype dtype) {
  for (const auto& [ours, theirs] : kDtypes) {
    if (theirs == dtype)
      return ours;
  }
  throw Error(ErrorCode::kUnsupported,
              std::string("a tensor type that safetensors lacks: ") +
                  torch::toString(dtype));
}

bool is_optional(const std::string& name) {
  return name.ends_with("num_batches_tracked");
}

std::string shape_text(torch::IntArrayRef shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

// The module's own tensors, sharing their storage.
NamedTensors own_tensors(const torch::nn::Module& module) {
  NamedTensors tensors;
  for (const auto& parameter : module.named_parameters())
    tensors[parameter.key()] = parameter.value();
  for (const auto& buffer : module.named_buffers())
    tensors[buffer.key()] = buffer.value();
  return tensors;
}

bool fits(const torch::Tensor& own, const torch::Tensor& tensor) {
  return own.sizes() == tensor.sizes() &&
         own.is_floating_point() == tensor.is_floating_point() &&
         tensor.scalar_type() != torch::kBool;
}

std::string unlike_text(const std::string& name, const torch::Tensor& own,
                        const torch::Tensor& tensor) {
  return name + ": expected " + torch::toString(own.scalar_type()) + " " +
         shape_text(own.sizes()) + ", got " +
         torch::toString(tensor.scalar_type()) + " " +
         shape_text(tensor.sizes());
}

void append_kind(std::string& text, const std::vector<std::string>& names,
                 const char* what) {
  if (names.empty())
    return;
  text += (text.empty() ? "" : "; ") + std::to_string(names.size()) + " " +
          what + " (" + (names.size() > 1 ? "first " : "") + names.front() +
          ")";
}

void refuse_unless_finite(const std::string& name, const torch::Tensor& own,
                          const torch::Tensor& tensor,
                          const std::string& origin) {
  if (!tensor.is_floating_point() || tensor.numel() == 0)
    return;
  // NaN if there is one. LibTorch has none for the types of 8 bits.
  const auto [least, most] =
      torch::aminmax(torch::elementSize(tensor.scalar_type()) == 1
                         ? tensor.to(own.scalar_type())
                         : tensor);
  // As the module will have it: 1e300 is no float.
  if (!std::isfinite(least.to(own.scalar_type()).item<double>()) ||
      !std::isfinite(most.to(own.scalar_type()).item<double>()))
    throw Error(ErrorCode::kBadData,
                "expected finite weights, got NaN or infinity in " + name +
                    ": " + origin);
}

bool is_aligned(const TensorView& view) {
  return reinterpret_cast<std::uintptr_t>(view.data) % dtype_size(view.dtype) ==
         0;
}

// let_go is called when the bytes are no longer looked at.
torch::Tensor as_tensor(const TensorView& view,
                        const std::function<void(void*)>& let_go) {
  const torch::Dtype dtype = torch_dtype(view.dtype);
  if (view.size == 0)
    return torch::empty(view.shape, dtype);
  // from_blob() has no form for const memory.
  void* data = const_cast<std::byte*>(view.data);
  std::function<void(void*)> owner = let_go;
  if (!is_aligned(view)) {
    data = std::malloc(view.size);
    if (!data)
      throw Error(
          ErrorCode::kOutOfMemory,
          "no memory for a tensor of " + std::to_string(view.size) + " bytes");
    std::memcpy(data, view.data, view.size);
    let_go(nullptr);
    owner = std::free;
  }
  return view.strides.empty()
             ? torch::from_blob(data, view.shape, owner, dtype)
             : torch::from_blob(data, view.shape, view.strides, owner, dtype);
}

}  // namespace

torch::Tensor as_tensor(const TensorView& view) {
  return as_tensor(view, /*let_go=*/[](void*) {});
}

NamedTensors as_tensors(const TensorViews& views) {
  NamedTensors tensors;
  for (const auto& [name, view] : views) tensors[name] = as_tensor(view);
  return tensors;
}

NamedTensors as_tensors(const WeightsFile& file) {
  NamedTensors tensors;
  for (const auto& [name, view] : file.tensors())
    tensors[name] =
        as_tensor(view, [&file, &view](void*) { file.release(view); });
  return tensors;
}

TensorView as_view(const torch::Tensor& tensor) {
  TORCH_CHECK(tensor.is_contiguous() && tensor.is_cpu());
  return {.dtype = our_dtype(tensor.scalar_type()),
          .shape = tensor.sizes().vec(),
          .data = static_cast<const std::byte*>(tensor.const_data_ptr()),
          .size = tensor.nbytes()};
}

TensorViews as_views(const NamedTensors& tensors) {
  TensorViews views;
  for (const auto& [name, tensor] : tensors) views[name] = as_view(tensor);
  return views;
}

bool WeightsReport::fits() const {
  return missing.empty() && unexpected.empty() && unlike.empty();
}

std::string WeightsReport::summary() const {
  std::string text;
  append_kind(text, unlike, "of another shape or type");
  append_kind(text, missing, "missing");
  append_kind(text, unexpected, "unexpected");
  return text;
}

WeightsReport compare_weights(const torch::nn::Module& module,
                              const NamedTensors& tensors) {
  const NamedTensors own = own_tensors(module);
  WeightsReport report;
  for (const auto& [name, tensor] : own) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      if (!is_optional(name))
        report.missing.push_back(name);
    } else if (!fits(tensor, found->second)) {
      report.unlike.push_back(unlike_text(name, tensor, found->second));
    } else {
      ++report.matched;
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!own.contains(name))
      report.unexpected.push_back(name);
  }
  return report;
}

void load_state_dict(torch::nn::Module& module, NamedTensors tensors,
                     const std::string& origin) {
  const torch::NoGradGuard no_grad;
  const WeightsReport report = compare_weights(module, tensors);
  if (!report.fits())
    throw Error(ErrorCode::kBadData,
                "expected exactly the model's tensors, got " +
                    report.summary() + ": " + origin);
  NamedTensors own = own_tensors(module);
  for (const auto& [name, tensor] : tensors)
    refuse_unless_finite(name, own.at(name), tensor, origin);
  while (!tensors.empty()) {
    const auto next = tensors.extract(tensors.begin());
    own.at(next.key()).copy_(next.mapped());
  }
}

NamedTensors state_dict(const torch::nn::Module& module) {
  NamedTensors tensors = own_tensors(module);
  for (auto& [name, tensor] : tensors)
    tensor = tensor.detach().to(torch::kCPU).contiguous();
  return tensors;
}

std::shared_ptr<nn::ImageClassifierImpl> create_model(const ModelInfo& info,
                                                      bool initialize) {
  return nn::create_model(
      info.architecture,
      {.classes = static_cast<std::int64_t>(info.classes.size()),
       .channels = info.preprocessing.channels,
       .input_width = info.preprocessing.crop_width,
       .input_height = info.preprocessing.crop_height,
       .initialize = initialize,
       .extra = info.architecture_options});
}

}  // namespace torchclassify
