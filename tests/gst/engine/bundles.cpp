// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bundles.h"

#include <glib.h>

#include "support/test_files.h"

namespace support {
namespace fs = std::filesystem;
namespace {

fs::path train_shades(const fs::path& folder) {
  constexpr int kSide = 28;
  for (int i = 0; i < 4; ++i) {
    for (const auto& [name, shade] :
         {std::pair("dark", 10 * i), std::pair("light", 255 - 10 * i)}) {
      const fs::path place = folder / "pictures" / name;
      fs::create_directories(place);
      write_ppm(place / (std::to_string(i) + ".ppm"), kSide, kSide,
                std::string(kSide * kSide * 3, static_cast<char>(shade)));
    }
  }
  torchclassify({"train",
                 "--data-path",
                 folder / "pictures",
                 "--model",
                 "simple_cnn",
                 "--epochs",
                 "3",
                 "--lr",
                 "0.001",
                 "--label-smoothing",
                 "0.2",
                 "--val-crop-size",
                 "28",
                 "--val-resize-size",
                 "28",
                 "--resize-mode",
                 "squash",
                 "--validation-share",
                 "0",
                 "--workers",
                 "1",
                 "--output-dir",
                 folder / "run"});
  return folder / "run/best.safetensors";
}

}  // namespace

Ended torchclassify(const std::vector<std::string>& words) {
  const char* program = g_getenv("TORCHCLASSIFY_PROGRAM");
  g_assert_nonnull(program);
  std::vector<std::string> all = {program};
  all.insert(all.end(), words.begin(), words.end());
  const Ended ended = run(all);
  if (ended.status != 0)
    g_error("%s: %s", words.front().c_str(), ended.err.c_str());
  return ended;
}

void write_ppm(const fs::path& path, int width, int height,
               const std::string& pixels) {
  write_file(path, "P6 " + std::to_string(width) + " " +
                       std::to_string(height) + " 255\n" + pixels);
}

const fs::path& shades_bundle() {
  static const TemporaryFolder folder;
  static const fs::path bundle = train_shades(folder.path());
  return bundle;
}

}  // namespace support
