// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/bundle.h"

#include <string>
#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {

Bundle open_bundle(const std::filesystem::path& path) {
  WeightsFile file(path);
  const auto found = file.metadata().find(kBundleKey);
  if (found == file.metadata().end())
    throw Error(ErrorCode::kUnsupported,
                std::string("expected a model bundle, got a ") +
                    format_name(file.format()) +
                    " file without a description (torchclassify convert adds "
                    "one): " +
                    path.string());
  ModelInfo info = parse_model_info(found->second, path.string());
  return {std::move(file), std::move(info)};
}

void write_bundle(const std::filesystem::path& path, const ModelInfo& info,
                  const TensorViews& tensors) {
  check_model_info(info, path.string());
  write_safetensors(path, tensors, {{kBundleKey, to_json(info)}});
}

void write_described_anew(const std::filesystem::path& path,
                          const Bundle& bundle, const ModelInfo& info) {
  check_model_info(info, path.string());
  Metadata metadata = bundle.file.metadata();
  metadata[kBundleKey] = to_json(info);
  write_safetensors(path, bundle.file.tensors(), metadata);
}

}  // namespace torchclassify
