// SPDX-License-Identifier: LGPL-2.1-or-later
// Colours by class: a name has the same colour in every run and on every
// machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace torchclassify::overlay {

using Color = std::uint32_t;  // 0xAARRGGBB, colours not multiplied by alpha

// One of a palette of opaque colours that people tell apart. Two names may
// share one: there are more names than such colours.
Color color_of(std::string_view name);

// Black or white, whichever stands out more on an opaque background.
Color readable_on(Color background);

}  // namespace torchclassify::overlay
