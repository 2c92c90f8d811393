// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/color_jitter.h"

#include <algorithm>
#include <array>

#include "augment/byte_table.h"
#include "augment/color_change.h"

namespace torchclassify {
namespace {

enum class Light { kBrightness, kContrast, kSaturation, kHue };

void change(Light light, double share, Picture& picture, KeyedRandom& random) {
  if (share == 0)
    return;
  if (light == Light::kHue)
    return turn_hue(random.uniform(-share, share), picture);
  const double factor = random.uniform(std::max(0.0, 1 - share), 1 + share);
  if (light == Light::kBrightness)
    apply_table(brightness_table(factor), picture);
  else if (light == Light::kContrast)
    apply_table(contrast_table(factor, mean_luma(picture)), picture);
  else
    change_saturation(factor, picture);
}

}  // namespace

void jitter_colors(const AugmentOptions& options, Picture& picture,
                   KeyedRandom& random) {
  std::array<std::pair<Light, double>, 4> changes = {{
      {Light::kBrightness, options.brightness},
      {Light::kContrast, options.contrast},
      {Light::kSaturation, options.saturation},
      {Light::kHue, options.hue},
  }};
  random.shuffle(changes);
  for (const auto& [light, share] : changes)
    change(light, share, picture, random);
}

}  // namespace torchclassify
