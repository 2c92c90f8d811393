// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/aot_inductor.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/torch.h>

#include "engine/aot_package.h"
#include "engine/dry_run.h"
#include "engine/torch_reason.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Loader = torch::inductor::AOTIModelPackageLoader;

constexpr char kStandIn[] = "libtorchclassify-stand-in.so";

class AotModel : public CodeModel {
 public:
  AotModel(std::unique_ptr<Loader> loader, AotPackage package,
           const NetworkOptions& options)
      : loader_(std::move(loader)),
        package_(std::move(package)),
        device_(options.device),
        model_file_(options.model_file) {}

  std::string kind() const override { return "aotinductor"; }
  std::string description() const override { return package_.description; }
  BatchLimits batch_limits() const override;
  std::vector<InputForm> forms(const Preprocessing* wanted) const override;
  torch::Tensor run(const torch::Tensor& input) const override;

 private:
  InputForm form_of_source(const Preprocessing* wanted) const;

  const std::unique_ptr<Loader> loader_;
  const AotPackage package_;
  const torch::Device device_;
  const std::string model_file_;  // for errors
};

// Export says that a free batch is of 2 or more, whatever it is.
BatchLimits AotModel::batch_limits() const {
  constexpr std::int64_t kAny = 1 << 16;  // more than is ever asked for
  const AotSource& source = package_.source;
  if (source.sides.empty() || !source.sides[0])
    return {1, source.largest_batch > kAny
                   ? 0
                   : static_cast<int>(source.largest_batch)};
  const auto fixed =
      static_cast<int>(std::clamp<std::int64_t>(*source.sides[0], 1, kAny));
  return {fixed, fixed};
}

std::vector<InputForm> AotModel::forms(const Preprocessing* wanted) const {
  if (!package_.source.sides.empty())
    return {form_of_source(wanted)};
  // Code reads what it was compiled for, however small the tensor is, so that
  // trying would read beyond tensors.
  if (!wanted)
    throw Error(ErrorCode::kUnsupported,
                "expected a package with its generated source, or a "
                "description in " +
                    model_file_ + ".json, got neither: " + model_file_);
  return likely_forms(wanted, 0);
}

InputForm AotModel::form_of_source(const Preprocessing* wanted) const {
  const AotSource& source = package_.source;
  const auto is_channels = [&source](std::size_t at) {
    return source.sides[at] == 1 || source.sides[at] == 3;
  };
  const bool right_type = source.dtype == "float32" || source.dtype == "uint8";
  if (!right_type || source.sides.size() != 4 ||
      (!is_channels(1) && !is_channels(3)))
    throw Error(ErrorCode::kUnsupported,
                std::string(kExpectedSignature) + ", got " + source.dtype +
                    " of " + std::to_string(source.sides.size()) +
                    " sides in: " + model_file_);
  const bool last = !is_channels(1);
  const auto side = [&source](std::size_t at, int otherwise) {
    return static_cast<int>(source.sides[at].value_or(otherwise));
  };
  const Preprocessing usual;
  const Preprocessing& size = wanted ? *wanted : usual;
  return {last, source.dtype == "uint8", side(last ? 3 : 1, 3),
          side(last ? 1 : 2, size.crop_height),
          side(last ? 2 : 3, size.crop_width)};
}

torch::Tensor AotModel::run(const torch::Tensor& input) const {
  const auto results = loader_->run({input.to(device_)});
  if (results.size() != 1)
    throw Error(ErrorCode::kUnsupported,
                std::string(kExpectedSignature) + ", got " +
                    std::to_string(results.size()) + " out: " + model_file_);
  return results[0];
}

void check_machine(const AotPackage& package, const NetworkOptions& options) {
  const std::string device = options.device.is_cuda() ? "cuda" : "cpu";
  if (package.device != device)
    throw Error(ErrorCode::kUnsupported,
                "expected code for the device " + options.device.str() +
                    ", got code compiled for " + package.device + ": " +
                    options.model_file);
  const std::string missing = missing_isa(package.isa);
  if (!missing.empty())
    throw Error(ErrorCode::kUnsupported,
                "expected code for this machine's processor, got code that "
                "needs " +
                    missing + ": " + options.model_file);
}

bool is_contiguous(const AotSource& source) {
  std::int64_t stride = 1;
  for (std::size_t at = source.sides.size(); at-- > 0;) {
    if (source.strides[at].value_or(stride) != stride)
      return false;
    if (!source.sides[at])
      return true;  // what follows is not known
    stride *= *source.sides[at];
  }
  return true;
}

void check_signature(const AotSource& source, const std::string& model_file) {
  if (source.sides.empty())
    return;
  if (source.inputs != 1 || source.outputs != 1)
    throw Error(ErrorCode::kUnsupported,
                std::string(kExpectedSignature) + ", got " +
                    std::to_string(source.inputs) + " in and " +
                    std::to_string(source.outputs) + " out: " + model_file);
  if (!is_contiguous(source))
    throw Error(ErrorCode::kUnsupported,
                "expected code exported with a contiguous tensor, got code for "
                "other strides: " +
                    model_file);
}

// See lib/libtorch/stand_in.cpp. Where it is missing the real library may be
// found; if not, the loader says so.
void provide_libtorch() {
  static const bool provided = [] {
    if (dlopen("libtorch.so", RTLD_NOW | RTLD_NOLOAD))
      return true;
    Dl_info info{};
    if (!dladdr(reinterpret_cast<void*>(&provide_libtorch), &info))
      return false;
    const auto folder = std::filesystem::path(info.dli_fname).parent_path();
    return dlopen((folder / kStandIn).c_str(), RTLD_NOW) != nullptr;
  }();
  static_cast<void>(provided);
}

std::unique_ptr<Loader> load_code(const AotPackage& package,
                                  const NetworkOptions& options) {
  try {
    return std::make_unique<Loader>(
        options.model_file, package.model_name,
        /*run_single_threaded=*/false,
        /*num_runners=*/static_cast<std::size_t>(options.workers),
        options.device.is_cuda() ? options.device.index() : -1);
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnsupported,
                "expected compiled code that this machine loads, got the error "
                "\"" +
                    torch_reason(error) + "\": " + options.model_file);
  }
}

}  // namespace

std::unique_ptr<CodeModel> open_aot_inductor(const NetworkOptions& options) {
  AotPackage package = read_aot_package(options.model_file);
  check_machine(package, options);
  check_signature(package.source, options.model_file);
  provide_libtorch();
  auto loader = load_code(package, options);
  return std::make_unique<AotModel>(std::move(loader), std::move(package),
                                    options);
}

}  // namespace torchclassify
