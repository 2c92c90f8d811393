// SPDX-License-Identifier: LGPL-2.1-or-later
// TorchScript archives that are made in milliseconds.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace support {

// What a script's self.weight takes: pictures of so many channels and pixels.
struct ScriptInput {
  int channels = 3;
  int side = 32;  // pixels
};

// Writes an archive with these methods. self.weight is float32 [channels * side
// * side, 3], channels first: its columns give the mean over the picture of the
// first, the second and the last channel.
void save_script(const std::filesystem::path& path, const std::string& methods,
                 const ScriptInput& input = {},
                 const std::map<std::string, std::string>& extra_files = {});

}  // namespace support
