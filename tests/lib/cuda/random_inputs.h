// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures and what they are to become, by chance.
#pragma once

#include <glib.h>

#include <random>
#include <vector>

#include "cuda/float16.h"
#include "lib/preprocess/both_paths.h"
#include "lib/preprocess/pictures.h"

namespace support {

using namespace torchclassify;

inline int within(std::mt19937& random, int least, int most) {
  return least +
         static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
}

inline double real(std::mt19937& random, double least, double most) {
  return std::uniform_real_distribution<double>(least, most)(random);
}

inline Picture random_picture(std::mt19937& random) {
  const int side = random() % 8 == 0 ? 700 : 90;
  const unsigned seed = random();
  Picture picture = make_picture(
      kFormats[random() % std::size(kFormats)].format, within(random, 1, side),
      within(random, 1, side), within(random, 0, 40),
      [seed](int component, int x, int y) {
        const unsigned mixed = (static_cast<unsigned>(x) * 2654435761u ^
                                static_cast<unsigned>(y) * 40503u ^
                                static_cast<unsigned>(component) * 977u) +
                               seed;
        return static_cast<std::uint8_t>((mixed * 2246822519u) >> 24);
      });
  ImageView& view = picture.view;
  view.matrix = static_cast<ColorMatrix>(random() % 5);
  view.range = random() % 2 ? ColorRange::kFull : ColorRange::kLimited;
  if (random() % 2) {
    view.x = within(random, 0, view.width - 1);
    view.y = within(random, 0, view.height - 1);
    view.width = within(random, 1, view.width - view.x);
    view.height = within(random, 1, view.height - view.y);
  }
  if (random() % 4 == 0)
    view.turned =
        TurnedBox{view.x + real(random, 0, view.width),
                  view.y + real(random, 0, view.height), real(random, 0.1, 60),
                  real(random, 0.1, 60), real(random, -7, 7)};
  return picture;
}

inline Preprocessing random_preprocessing(std::mt19937& random) {
  Preprocessing to;
  to.resize_mode = static_cast<ResizeMode>(random() % 3);
  to.interpolation =
      random() % 2 ? Interpolation::kBicubic : Interpolation::kBilinear;
  to.resize_size = within(random, 1, 70);
  to.crop_width = within(random, 1, 70);
  to.crop_height = within(random, 1, 70);
  to.channels = random() % 4 == 0 ? 1 : 3;
  to.pad_value = within(random, 0, 255);
  const auto channels = static_cast<std::size_t>(to.channels);
  to.mean.resize(channels);
  to.std.resize(channels);
  for (float& mean : to.mean) mean = static_cast<float>(real(random, 0, 1));
  for (float& std : to.std) std = static_cast<float>(real(random, 0.1, 1));
  return to;
}

// Of the definition's planes, in the kernels' order.
inline std::vector<float> defined(const ImageView& image,
                                  const Preprocessing& to) {
  const std::vector<float> planes = reference(image, to);
  const auto channels = static_cast<std::size_t>(to.channels);
  const std::size_t pixels = planes.size() / channels;
  std::vector<float> interleaved(planes.size());
  for (std::size_t i = 0; i < planes.size(); ++i)
    interleaved[i % pixels * channels + i / pixels] = planes[i];
  return interleaved;
}

// Rounded to the element as the kernels do.
template <typename Element>
void assert_same_bits(const Element* got, const std::vector<float>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Element element;
    cuda::store(expected[i], &element);
    g_assert_cmpmem(&got[i], sizeof element, &element, sizeof element);
  }
}

}  // namespace support
