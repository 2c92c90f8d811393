// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/state_dict.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <torch/torch.h>

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
std::map<std::string, torch::Tensor> own_tensors(
    const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& parameter : module.named_parameters())
    tensors[parameter.key()] = parameter.value();
  for (const auto& buffer : module.named_buffers())
    tensors[buffer.key()] = buffer.value();
  return tensors;
}

// What is wrong, with the first of each kind by name.
class Mismatch {
 public:
  void add_missing(const std::string& name) { missing_.add(name); }
  void add_unexpected(const std::string& name) { unexpected_.add(name); }
  void add_unlike(const std::string& name, const torch::Tensor& own,
                  const TensorView& view) {
    unlike_.add(name + ": expected " + torch::toString(own.scalar_type()) +
                " " + shape_text(own.sizes()) + ", got " +
                dtype_name(view.dtype) + " " + shape_text(view.shape));
  }

  void refuse_if_any(const std::string& origin) const {
    std::string text;
    unlike_.append(text, "of another shape or type");
    missing_.append(text, "missing");
    unexpected_.append(text, "unexpected");
    if (!text.empty())
      throw Error(
          ErrorCode::kBadData,
          "expected exactly the model's tensors, got " + text + ": " + origin);
  }

 private:
  struct Kind {
    void add(const std::string& name) {
      if (count++ == 0)
        first = name;
    }
    void append(std::string& text, const char* what) const {
      if (count == 0)
        return;
      text += (text.empty() ? "" : "; ") + std::to_string(count) + " " + what +
              " (" + (count > 1 ? "first " : "") + first + ")";
    }
    std::size_t count = 0;
    std::string first;
  };
  Kind missing_;
  Kind unexpected_;
  Kind unlike_;
};

bool fits(const torch::Tensor& own, const TensorView& view) {
  return own.sizes() == torch::IntArrayRef(view.shape) &&
         own.is_floating_point() ==
             torch::isFloatingType(torch_dtype(view.dtype)) &&
         view.dtype != Dtype::kBool;
}

void check_names_and_shapes(const std::map<std::string, torch::Tensor>& own,
                            const TensorViews& tensors,
                            const std::string& origin) {
  Mismatch mismatch;
  for (const auto& [name, tensor] : own) {
    const auto view = tensors.find(name);
    if (view == tensors.end()) {
      if (!is_optional(name))
        mismatch.add_missing(name);
    } else if (!fits(tensor, view->second)) {
      mismatch.add_unlike(name, tensor, view->second);
    }
  }
  for (const auto& [name, view] : tensors) {
    if (!own.contains(name))
      mismatch.add_unexpected(name);
  }
  mismatch.refuse_if_any(origin);
}

// In the module's type, not yet in the module: all of them are checked before
// the first is copied.
torch::Tensor converted(const std::string& name, const torch::Tensor& own,
                        const TensorView& view, const std::string& origin) {
  const torch::Tensor tensor = as_tensor(view).to(own.scalar_type());
  if (tensor.is_floating_point() && tensor.numel() > 0) {
    const auto [least, most] = torch::aminmax(tensor);  // NaN if there is one
    if (!std::isfinite(least.item<double>()) ||
        !std::isfinite(most.item<double>()))
      throw Error(ErrorCode::kBadData,
                  "expected finite weights, got NaN or "
                  "infinity in " +
                      name + ": " + origin);
  }
  return tensor;
}

}  // namespace

torch::Tensor as_tensor(const TensorView& view) {
  const torch::Dtype dtype = torch_dtype(view.dtype);
  if (view.size == 0)
    return torch::empty(view.shape, dtype);
  if (reinterpret_cast<std::uintptr_t>(view.data) % dtype_size(view.dtype)) {
    const torch::Tensor copy = torch::empty(view.shape, dtype);
    std::memcpy(copy.mutable_data_ptr(), view.data, view.size);
    return copy;
  }
  // from_blob() has no form for const memory.
  return torch::from_blob(const_cast<std::byte*>(view.data), view.shape, dtype);
}

TensorView as_view(const torch::Tensor& tensor) {
  TORCH_CHECK(tensor.is_contiguous() && tensor.is_cpu());
  return {.dtype = our_dtype(tensor.scalar_type()),
          .shape = tensor.sizes().vec(),
          .data = static_cast<const std::byte*>(tensor.const_data_ptr()),
          .size = tensor.nbytes()};
}

void load_state_dict(torch::nn::Module& module, const TensorViews& tensors,
                     const std::string& origin) {
  const torch::NoGradGuard no_grad;
  auto own = own_tensors(module);
  check_names_and_shapes(own, tensors, origin);
  std::map<std::string, torch::Tensor> values;
  for (const auto& [name, view] : tensors)
    values[name] = converted(name, own.at(name), view, origin);
  for (const auto& [name, value] : values) own.at(name).copy_(value);
}

std::map<std::string, torch::Tensor> state_dict(
    const torch::nn::Module& module) {
  auto tensors = own_tensors(module);
  for (auto& [name, tensor] : tensors)
    tensor = tensor.detach().to(torch::kCPU).contiguous();
  return tensors;
}

std::shared_ptr<nn::ImageClassifierImpl> create_model(const ModelInfo& info) {
  return nn::create_model(
      info.architecture,
      {.classes = static_cast<std::int64_t>(info.classes.size()),
       .channels = info.preprocessing.channels,
       .input_width = info.preprocessing.crop_width,
       .input_height = info.preprocessing.crop_height,
       .initialize = false,
       .extra = info.architecture_options});
}

}  // namespace torchclassify
