// SPDX-License-Identifier: LGPL-2.1-or-later
// The order of things; each step's arithmetic is in the files beside this one.
#include "augment/augmenter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "augment/affine.h"
#include "augment/blur.h"
#include "augment/color_change.h"
#include "augment/color_jitter.h"
#include "augment/crop_box.h"
#include "augment/policy.h"
#include "augment/window.h"
#include "preprocess/byte_resizer.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// A random padded crop reaches this many crops from the middle, at most: a
// picture of one line of pixels would take gigabytes otherwise.
constexpr int kReach = 8;

void require(bool holds, const char* message) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument, message);
}

int drawn_between(int low, int high, KeyedRandom& random) {
  return low + static_cast<int>(
                   random.below(static_cast<std::uint64_t>(high - low) + 1));
}

// The same axis, but with all that windows moved by up to reach pixels show.
Axis widened(Axis axis, int reach) {
  axis.first -= reach;
  axis.size += 2 * reach;
  return axis;
}

// Where a window begins on an axis of the base, and what lies outside.
struct Placement {
  int begin;
  Outside outside;
};

}  // namespace

struct Augmenter::Impl {
  Impl(const AugmentOptions& augment, const Preprocessing& preprocessing)
      : options(augment), input(preprocessing), policy(augment) {}

  void resize(const ImageView& image, const Geometry& geometry, Picture& to);
  void crop_resized(const ImageView& image, KeyedRandom& random);
  Placement place(int base_size, int crop, KeyedRandom& random) const;
  void crop_base(const ImageView& base, KeyedRandom& random);
  void flip(KeyedRandom& random);
  void move(KeyedRandom& random);
  void change_colors(KeyedRandom& random);

  const AugmentOptions options;
  const Preprocessing input;
  ByteResizer resizer;
  PolicyRunner policy;
  GaussianBlur blur;
  Picture picture;  // in work
  Picture scratch;
};

void Augmenter::Impl::resize(const ImageView& image, const Geometry& geometry,
                             Picture& to) {
  resizer.load(image, geometry, input.interpolation, input.channels);
  to.width = resizer.width();
  to.height = resizer.height();
  to.channels = input.channels;
  const std::ptrdiff_t stride =
      static_cast<std::ptrdiff_t>(to.width) * to.channels;
  to.pixels.resize(static_cast<std::size_t>(stride * to.height));
  for (int y = 0; y < to.height; ++y) {
    const std::uint8_t* const row = resizer.row(y);
    std::uint8_t* const output = to.pixels.data() + y * stride;
    if (resizer.channels() == to.channels)
      std::copy_n(row, stride, output);
    else  // grey as colours
      for (std::ptrdiff_t i = 0; i < stride; ++i) output[i] = row[i / 3];
  }
}

void Augmenter::Impl::crop_resized(const ImageView& image,
                                   KeyedRandom& random) {
  const PixelRect box =
      random_crop_box(image.width, image.height, options, random);
  ImageView part = image;
  part.width = box.width;
  part.height = box.height;
  part.planes[0].data += box.y * part.planes[0].stride +
                         box.x * layout_of(part.format).component[0].step;
  resize(part,
         {{box.width, input.crop_width, 0, input.crop_width},
          {box.height, input.crop_height, 0, input.crop_height}},
         picture);
}

// Where evaluation shows bars there are bars; the border is for the picture's
// own edges.
Placement Augmenter::Impl::place(int base_size, int crop,
                                 KeyedRandom& random) const {
  const auto centre = static_cast<int>(centre_offset(base_size, crop));
  const bool bars = crop > base_size;
  const Outside outside =
      bars ? Outside{Border::kBlack, static_cast<std::uint8_t>(input.pad_value)}
           : Outside{options.border, 0};
  if (options.crop == CropMode::kCentre)
    return {centre + drawn_between(-options.shift, options.shift, random),
            outside};
  const int low = bars ? centre : 0;
  const int high = bars ? centre : base_size - crop;
  return {drawn_between(low - options.crop_padding, high + options.crop_padding,
                        random),
          outside};
}

void Augmenter::Impl::crop_base(const ImageView& base, KeyedRandom& random) {
  const Placement x = place(base.width, input.crop_width, random);
  const Placement y = place(base.height, input.crop_height, random);
  cut_window(base, {x.begin, y.begin, input.crop_width, input.crop_height},
             x.outside, y.outside, picture);
}

void Augmenter::Impl::flip(KeyedRandom& random) {
  if (options.hflip > 0 && random.chance(options.hflip))
    flip_across(picture);
  if (options.vflip > 0 && random.chance(options.vflip))
    flip_down(picture);
}

// RandomAffine.
void Augmenter::Impl::move(KeyedRandom& random) {
  if (options.degrees == 0 && options.translate == 0 && options.scale == 0 &&
      options.shear == 0)
    return;
  const auto either_way = [&](double most) {
    return random.uniform(-most, most);
  };
  AffineChange change;
  change.degrees = either_way(options.degrees);
  change.translate_x =
      std::nearbyint(either_way(options.translate * picture.width));
  change.translate_y =
      std::nearbyint(either_way(options.translate * picture.height));
  change.scale = 1 + either_way(options.scale);
  change.shear_x = either_way(options.shear);
  affine(picture,
         affine_matrix(change, picture.width * 0.5, picture.height * 0.5),
         SampleKind::kBilinear, options.border, scratch);
  std::swap(picture, scratch);
}

void Augmenter::Impl::change_colors(KeyedRandom& random) {
  jitter_colors(options, picture, random);
  if (options.grayscale > 0 && random.chance(options.grayscale))
    make_grey(picture);
  if (options.blur > 0 && random.chance(options.blur))
    blur.run(random.uniform(0.1, 2), picture);
}

Augmenter::Augmenter(const AugmentOptions& options,
                     const Preprocessing& input) {
  check_augment_options(options);
  check_preprocessing(input);
  impl_ = std::make_unique<Impl>(options, input);
}

Augmenter::~Augmenter() = default;

bool Augmenter::needs_original() const {
  return impl_->options.crop == CropMode::kRandomResized;
}

void Augmenter::base(const ImageView& picture, Picture& output) {
  check_image(picture);
  require(!layout_of(picture.format).yuv,
          "expected a picture of RGB or grey pixels, got Y'CbCr");
  Geometry geometry = geometry_of(picture.width, picture.height, impl_->input);
  const bool centre = impl_->options.crop == CropMode::kCentre;
  geometry.x = widened(
      geometry.x, centre ? impl_->options.shift : kReach * geometry.x.size);
  geometry.y = widened(
      geometry.y, centre ? impl_->options.shift : kReach * geometry.y.size);
  impl_->resize(picture, geometry, output);
}

PixelRect Augmenter::region(int width, int height, KeyedRandom random) const {
  if (!needs_original())
    return {0, 0, width, height};
  return random_crop_box(width, height, impl_->options, random);
}

void Augmenter::run(const ImageView& picture, KeyedRandom random,
                    AugmentedPicture& output) {
  check_image(picture);
  Impl& impl = *impl_;
  if (needs_original()) {
    require(!layout_of(picture.format).yuv,
            "expected a picture of RGB or grey pixels, got Y'CbCr");
    impl.crop_resized(picture, random);
  } else {
    require(picture.format == (impl.input.channels == 3 ? PixelFormat::kRgb
                                                        : PixelFormat::kGray8),
            "expected what base() returned, got another pixel format");
    impl.crop_base(picture, random);
  }
  impl.flip(random);
  impl.move(random);
  impl.policy.run(impl.picture, random);
  impl.change_colors(random);
  output.erased.reset();
  if (impl.options.erase > 0 && random.chance(impl.options.erase))
    output.erased =
        random_erasure(impl.picture.width, impl.picture.height, random);
  std::swap(output.pixels, impl.picture.pixels);
}

}  // namespace torchclassify
