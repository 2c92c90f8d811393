// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model_file.h"

#include <fstream>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::string first_bytes(const std::filesystem::path& path, std::size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

void refuse_pickles(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))  // a pipe would block
    return;
  const std::string begin = first_bytes(path, 4);
  if (begin == "PK\x03\x04" || begin.starts_with("\x80\x02"))
    throw Error(ErrorCode::kUnsupported,
                "expected a safetensors file, got a PyTorch pickle or archive "
                "(save its state_dict with safetensors.torch.save_file): " +
                    path.string());
}

}  // namespace torchclassify
