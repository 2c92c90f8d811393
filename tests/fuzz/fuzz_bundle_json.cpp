// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as a model file's description; what is accepted survives a round.
#include <cstdlib>
#include <optional>

#include "formats/model_info.h"
#include "target.h"

using namespace torchclassify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::optional<ModelInfo> info;
  fuzz::run([&] { info = parse_model_info(text, fuzz::kOrigin); });
  if (!info)
    return 0;
  const std::string written = to_json(*info);
  if (to_json(parse_model_info(written, fuzz::kOrigin)) != written)
    std::abort();
  return 0;
}
