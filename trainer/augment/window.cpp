// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/window.h"

#include <algorithm>

#include "augment/affine.h"

namespace torchclassify {
namespace {

void cut_row(const std::uint8_t* row, int width, int channels,
             const PixelRect& window, const Outside& across, std::uint8_t* to) {
  const int begin = std::clamp(-window.x, 0, window.width);
  const int end = std::clamp(width - window.x, begin, window.width);
  std::copy_n(row + (window.x + begin) * channels, (end - begin) * channels,
              to + begin * channels);
  const auto outside = [&](int x) {
    const int source = border_index(window.x + x, width, across.border);
    if (source < 0)
      std::fill_n(to + x * channels, channels, across.fill);
    else
      std::copy_n(row + source * channels, channels, to + x * channels);
  };
  for (int x = 0; x < begin; ++x) outside(x);
  for (int x = end; x < window.width; ++x) outside(x);
}

template <int kChannels>
void flip_rows(Picture& picture) {
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* left =
        picture.pixels.data() +
        static_cast<std::ptrdiff_t>(y) * picture.width * kChannels;
    std::uint8_t* right = left + (picture.width - 1) * kChannels;
    for (; left < right; left += kChannels, right -= kChannels) {
      for (int i = 0; i < kChannels; ++i) std::swap(left[i], right[i]);
    }
  }
}

}  // namespace

void cut_window(const ImageView& from, const PixelRect& window,
                const Outside& across, const Outside& down, Picture& to) {
  to.width = window.width;
  to.height = window.height;
  to.channels = from.format == PixelFormat::kGray8 ? 1 : 3;
  const std::ptrdiff_t stride =
      static_cast<std::ptrdiff_t>(to.width) * to.channels;
  to.pixels.resize(static_cast<std::size_t>(stride * to.height));
  for (int y = 0; y < to.height; ++y) {
    std::uint8_t* const row = to.pixels.data() + y * stride;
    const int source = border_index(window.y + y, from.height, down.border);
    if (source < 0)
      std::fill_n(row, stride, down.fill);
    else
      cut_row(from.planes[0].data + source * from.planes[0].stride, from.width,
              to.channels, window, across, row);
  }
}

void flip_across(Picture& picture) {
  picture.channels == 3 ? flip_rows<3>(picture) : flip_rows<1>(picture);
}

void flip_down(Picture& picture) {
  const std::ptrdiff_t stride =
      static_cast<std::ptrdiff_t>(picture.width) * picture.channels;
  std::uint8_t* const rows = picture.pixels.data();
  for (int y = 0; y < picture.height / 2; ++y)
    std::swap_ranges(rows + y * stride, rows + (y + 1) * stride,
                     rows + (picture.height - 1 - y) * stride);
}

}  // namespace torchclassify
