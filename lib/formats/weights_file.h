// SPDX-License-Identifier: LGPL-2.1-or-later
// Any file of weights, whatever program wrote it: tensors by name.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "formats/safetensors.h"
#include "formats/tensor_view.h"

namespace torchclassify {

enum class WeightsFormat {
  kSafetensors,         // one file
  kShardedSafetensors,  // *.safetensors.index.json and the files it names
  kTorchZip,            // torch.save() since 1.6
  kTorchLegacy,         // torch.save() before
};

// "safetensors", "sharded safetensors", "torch.save (zip)", "torch.save
// (legacy)".
const char* format_name(WeightsFormat format);

// An open file. Nothing in it is executed, imported or built but tensors and
// plain containers. Reading is safe from any thread.
class WeightsFile {
 public:
  // Recognises the format by the first bytes (the index by its name). Throws
  // Error kNotFound, kCannotRead, kBadData, or kUnsupported (TorchScript and
  // other archives that hold code, and what torch.save() wrote that is not a
  // state dict), naming the path. Like SafetensorsFile, it maps the file.
  explicit WeightsFile(const std::filesystem::path& path);
  ~WeightsFile();
  WeightsFile(WeightsFile&&) noexcept;
  WeightsFile& operator=(WeightsFile&&) noexcept;

  WeightsFormat format() const;
  const std::string& path() const;

  // The state dict's, with the prefixes that wrappers add to every name
  // ("module.", "_orig_mod.") taken off. Valid as long as this object.
  const TensorViews& tensors() const;
  // A single safetensors file's "__metadata__"; empty for other formats.
  const Metadata& metadata() const;
  // Where in the file the state dict was found: "state_dict", "model",
  // "model_ema", "state_dict_ema"; empty: the file is nothing else.
  const std::string& container() const;

  // Tells the system that the tensor's pages will not be read soon, so that a
  // loader's memory does not grow with what it has copied. The bytes stay
  // valid.
  void release(const TensorView& tensor) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
