// SPDX-License-Identifier: LGPL-2.1-or-later
#include "script_model.h"

#include <algorithm>

#include <torch/script.h>

namespace support {

void save_script(const std::filesystem::path& path, const std::string& methods,
                 const ScriptInput& input,
                 const std::map<std::string, std::string>& extra_files) {
  const int64_t pixels = int64_t{input.side} * input.side;
  torch::Tensor weight = torch::zeros({input.channels, pixels, 3});
  for (int64_t i = 0; i < 3; ++i)
    weight.select(0, std::min<int64_t>(i, input.channels - 1))
        .select(1, i)
        .fill_(1.0 / static_cast<double>(pixels));
  torch::jit::Module module("Model");
  module.register_parameter("weight", weight.reshape({-1, 3}),
                            /*is_buffer=*/true);
  module.define(methods);
  module.save(path.string(), torch::jit::ExtraFilesMap(extra_files.begin(),
                                                       extra_files.end()));
}

}  // namespace support
