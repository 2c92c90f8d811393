// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/checkpoint.h"

#include <cstring>
#include <utility>

#include <torch/torch.h>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "torchclassify/error.h"
#include "torchclassify/train/train.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr char kFormat[] = "torchclassify-checkpoint-1";

struct Part {
  const char* prefix;
  NamedTensors Checkpoint::*tensors;
};
constexpr Part kParts[] = {{"model.", &Checkpoint::model},
                           {"average.", &Checkpoint::average},
                           {"optimiser.", &Checkpoint::optimiser},
                           {"random.", &Checkpoint::random}};

NamedTensors gather(const Checkpoint& checkpoint) {
  NamedTensors all;
  for (const Part& part : kParts) {
    for (const auto& [name, tensor] : checkpoint.*part.tensors)
      all[part.prefix + name] = tensor.detach().cpu().contiguous();
  }
  return all;
}

bool same(const TensorView& a, const TensorView& b) {
  return a.dtype == b.dtype && a.shape == b.shape && a.size == b.size &&
         (a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0);
}

// What came back from the disk must be what was meant.
void verify(const fs::path& path, const TensorViews& expected,
            const fs::path& name) {
  const SafetensorsFile file(path);
  bool equal = file.tensors().size() == expected.size();
  for (const auto& [tensor, view] : expected) {
    const auto found = file.tensors().find(tensor);
    equal = equal && found != file.tensors().end() && same(view, found->second);
  }
  if (!equal)
    throw Error(ErrorCode::kCannotWrite,
                "expected to read back what was written, got other bytes: " +
                    name.string());
}

// Removes a file that was not renamed.
class Draft {
 public:
  explicit Draft(fs::path path) : path_(std::move(path)) {}
  ~Draft() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

const std::string& field(const Metadata& metadata, const char* name,
                         const fs::path& path) {
  const auto found = metadata.find(name);
  if (found == metadata.end())
    throw Error(ErrorCode::kBadData, std::string("expected a checkpoint with "
                                                 "a \"") +
                                         name +
                                         "\", got none: " + path.string());
  return found->second;
}

SafetensorsFile open_checkpoint(const fs::path& path) {
  SafetensorsFile file(path);
  if (const std::string& format = field(file.metadata(), "format", path);
      format != kFormat)
    throw Error(ErrorCode::kBadData, std::string("expected the format ") +
                                         kFormat + ", got \"" + format +
                                         "\": " + path.string());
  return file;
}

}  // namespace

void write_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
  const NamedTensors tensors = gather(checkpoint);
  const TensorViews views = as_views(tensors);
  const Draft draft(path.string() + ".new");
  write_safetensors(draft.path(), views,
                    {{"format", kFormat},
                     {"state", to_json(checkpoint.state)},
                     {"configuration", checkpoint.configuration},
                     {"fingerprint", checkpoint.fingerprint}});
  verify(draft.path(), views, path);
  std::error_code error;
  fs::rename(draft.path(), path, error);
  if (error)
    throw Error(ErrorCode::kCannotWrite,
                "cannot rename (" + error.message() + "): " + path.string());
  sync_folder_of(path);
}

Checkpoint read_checkpoint(const fs::path& path) {
  const SafetensorsFile file = open_checkpoint(path);
  Checkpoint checkpoint;
  for (const auto& [name, view] : file.tensors()) {
    for (const Part& part : kParts) {
      if (name.starts_with(part.prefix))
        (checkpoint.*part.tensors)[name.substr(std::strlen(part.prefix))] =
            as_tensor(view).clone();
    }
  }
  const Metadata& metadata = file.metadata();
  checkpoint.state =
      run_state_from_json(field(metadata, "state", path), path.string());
  checkpoint.configuration = field(metadata, "configuration", path);
  checkpoint.fingerprint = field(metadata, "fingerprint", path);
  return checkpoint;
}

std::string checkpoint_configuration(const fs::path& path) {
  const SafetensorsFile file = open_checkpoint(path);
  return field(file.metadata(), "configuration", path);
}

}  // namespace torchclassify
