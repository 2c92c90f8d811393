// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/weights_file.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/mapped_file.h"
#include "formats/sharded_safetensors.h"
#include "formats/torch_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// DataParallel and DistributedDataParallel add the first, torch.compile() the
// second; both of them in either order.
constexpr std::string_view kWrapperPrefixes[] = {"module.", "_orig_mod."};

// Whether every name goes on with the prefix at byte at, and then further.
bool all_go_on_with(const TensorViews& tensors, std::size_t at,
                    std::string_view prefix) {
  return !tensors.empty() &&
         std::all_of(tensors.begin(), tensors.end(), [&](const auto& entry) {
           const std::string_view name = entry.first;
           return name.size() > at + prefix.size() &&
                  name.substr(at).starts_with(prefix);
         });
}

// Bytes that every name begins with. Taking them off leaves names different.
std::size_t wrapper_size(const TensorViews& tensors) {
  std::size_t size = 0;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view prefix : kWrapperPrefixes) {
      if (all_go_on_with(tensors, size, prefix)) {
        size += prefix.size();
        found = true;
      }
    }
  }
  return size;
}

TensorViews without_wrappers(TensorViews tensors) {
  const std::size_t size = wrapper_size(tensors);
  if (size == 0)
    return tensors;
  TensorViews bare;
  while (!tensors.empty()) {
    auto node = tensors.extract(tensors.begin());
    node.key().erase(0, size);
    bare.insert(std::move(node));
  }
  return bare;
}

}  // namespace

const char* format_name(WeightsFormat format) {
  switch (format) {
    case WeightsFormat::kSafetensors:
      return "safetensors";
    case WeightsFormat::kShardedSafetensors:
      return "sharded safetensors";
    case WeightsFormat::kTorchZip:
      return "torch.save (zip)";
    case WeightsFormat::kTorchLegacy:
      return "torch.save (legacy)";
  }
  throw Error(ErrorCode::kInternal, "expected a format of weights files");
}

struct WeightsFile::Impl {
  std::string path;
  WeightsFormat format = WeightsFormat::kSafetensors;
  std::vector<MappedFile> files;
  TorchFile torch;  // its tensors are everybody's
  Metadata metadata;

  void open(const std::filesystem::path& file);
  void open_shards(const std::filesystem::path& index_file);
  void open_torch(TorchFormat kind);
  void open_safetensors();
};

void WeightsFile::Impl::open(const std::filesystem::path& file) {
  path = file.string();
  if (path.ends_with(".index.json")) {
    open_shards(file);
  } else {
    files.emplace_back(file);
    const TorchFormat kind = sniff_torch_file(files[0].bytes());
    kind == TorchFormat::kNone ? open_safetensors() : open_torch(kind);
  }
  torch.tensors = without_wrappers(std::move(torch.tensors));
}

void WeightsFile::Impl::open_shards(const std::filesystem::path& index_file) {
  format = WeightsFormat::kShardedSafetensors;
  const ShardIndex index =
      parse_shard_index(MappedFile(index_file).bytes(), path);
  for (const auto& [name, tensors] : index.tensors_in) {
    const std::filesystem::path file = index_file.parent_path() / name;
    files.emplace_back(file);
    SafetensorsContent content =
        parse_safetensors(files.back().bytes(), file.string());
    add_shard(index, name, std::move(content.tensors), torch.tensors, path);
  }
}

void WeightsFile::Impl::open_torch(TorchFormat kind) {
  format = kind == TorchFormat::kZip ? WeightsFormat::kTorchZip
                                     : WeightsFormat::kTorchLegacy;
  torch = parse_torch_file(files[0].bytes(), path);
}

void WeightsFile::Impl::open_safetensors() {
  constexpr std::size_t kHeaderAt = 8;  // bytes
  if (files[0].size() > kHeaderAt &&
      files[0].data()[kHeaderAt] != std::byte{'{'})
    throw Error(ErrorCode::kBadData,
                "expected weights as safetensors or torch.save() write them, "
                "got something else: " +
                    path);
  SafetensorsContent content = parse_safetensors(files[0].bytes(), path);
  torch.tensors = std::move(content.tensors);
  metadata = std::move(content.metadata);
}

WeightsFile::WeightsFile(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>()) {
  impl_->open(path);
}

WeightsFile::~WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;

WeightsFormat WeightsFile::format() const { return impl_->format; }

const std::string& WeightsFile::path() const { return impl_->path; }

const TensorViews& WeightsFile::tensors() const { return impl_->torch.tensors; }

const Metadata& WeightsFile::metadata() const { return impl_->metadata; }

const std::string& WeightsFile::container() const {
  return impl_->torch.container;
}

void WeightsFile::release(const TensorView& tensor) const {
  for (const MappedFile& file : impl_->files)
    file.release({tensor.data, tensor.size});
}

}  // namespace torchclassify
