// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/sample_maker.h"

#include <algorithm>
#include <utility>

#include "preprocess/normalise.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr int kBytes = 256;  // values of a byte

// Bytes in, the same bytes over 255 out.
Preprocessing without_normalising(Preprocessing preprocessing) {
  preprocessing.mean.assign(preprocessing.mean.size(), 0.0f);
  preprocessing.std.assign(preprocessing.std.size(), 1.0f);
  return preprocessing;
}

std::vector<float> byte_table(const Preprocessing& preprocessing) {
  const Normaliser normaliser(preprocessing);
  std::vector<float> table;
  for (int channel = 0; channel < preprocessing.channels; ++channel) {
    for (int value = 0; value < kBytes; ++value)
      table.push_back(
          normaliser.of_byte(channel, static_cast<std::uint8_t>(value)));
  }
  return table;
}

// Planes of bytes / 255 to interleaved bytes.
void interleave(const std::vector<float>& planes, int channels,
                std::vector<std::uint8_t>& bytes) {
  const auto count = static_cast<std::size_t>(channels);
  const std::size_t plane = planes.size() / count;
  bytes.resize(planes.size());
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t i = 0; i < plane; ++i)
      bytes[i * count + c] =
          static_cast<std::uint8_t>(planes[c * plane + i] * 255.0f + 0.5f);
  }
}

// Erased values are 0 after normalisation.
void erase(const PixelRect& rect, const Preprocessing& preprocessing,
           float* output) {
  const std::ptrdiff_t channels = preprocessing.channels;
  const std::ptrdiff_t stride = channels * preprocessing.crop_width;
  for (int y = rect.y; y < rect.y + rect.height; ++y)
    std::fill_n(output + y * stride + rect.x * channels, rect.width * channels,
                0.0f);
}

// One loop for each number of channels: twice as fast as a loop over them.
template <int kChannels>
void look_up(const float* table, const std::uint8_t* pixels, std::size_t count,
             float* output) {
  for (std::size_t i = 0; i < count; ++i) {
    for (int c = 0; c < kChannels; ++c)
      output[c] = table[c * kBytes + pixels[c]];
    pixels += kChannels;
    output += kChannels;
  }
}

}  // namespace

SampleMaker::SampleMaker(const Dataset& dataset,
                         const Preprocessing& preprocessing,
                         const LoaderOptions& options, PictureCache& cache)
    : dataset_(dataset),
      preprocessing_(preprocessing),
      cache_(cache),
      table_(byte_table(preprocessing)) {
  if (options.training)
    augmenter_.emplace(options.augment, preprocessing);
  else
    evaluation_.emplace(without_normalising(preprocessing));
}

void SampleMaker::read(std::size_t index, KeyedRandom random) {
  if (const Picture* kept = cache_.find(index)) {
    view_ = kept->view();
    return;
  }
  try {
    if (!read_part(index, random))
      read_whole(index);
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kOutOfMemory,
                "expected memory for a picture: " + dataset_.name(index));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kCannotRead, "expected a readable picture, got \"" +
                                            std::string(error.what()) +
                                            "\": " + dataset_.name(index));
  }
}

// A picture that will not be kept is decoded only where it is looked at.
bool SampleMaker::read_part(std::size_t index, KeyedRandom random) {
  if (!augmenter_ || !augmenter_->needs_original() || cache_.accepting())
    return false;
  const auto bytes = dataset_.encoded(index);
  if (!bytes)
    return false;
  const auto choose = [&](int width, int height) {
    return augmenter_->region(width, height, random);
  };
  if (part_.decode(*bytes, choose)) {
    view_ = part_.view();
  } else {
    prepared_ =
        decode_picture(bytes->data(), bytes->size(), dataset_.name(index));
    view_ = prepared_.view();
  }
  return true;
}

void SampleMaker::read_whole(std::size_t index) {
  prepare(dataset_.picture(index));
  const Picture* kept =
      cache_.accepting() ? cache_.add(index, prepared_) : nullptr;
  view_ = (kept ? *kept : prepared_).view();
}

// The part of the work that is the same in every epoch.
void SampleMaker::prepare(Picture picture) {
  if (evaluation_) {
    planes_.resize(input_size(preprocessing_));
    evaluation_->run(picture.view(), planes_.data());
    prepared_.width = preprocessing_.crop_width;
    prepared_.height = preprocessing_.crop_height;
    prepared_.channels = preprocessing_.channels;
    interleave(planes_, preprocessing_.channels, prepared_.pixels);
  } else if (augmenter_->needs_original()) {
    prepared_ = std::move(picture);
  } else {
    augmenter_->base(picture.view(), prepared_);
  }
}

void SampleMaker::write(KeyedRandom random, float* output) {
  if (!augmenter_) {
    normalise(view_.planes[0].data, output);
    return;
  }
  augmenter_->run(view_, random, augmented_);
  normalise(augmented_.pixels.data(), output);
  if (augmented_.erased)
    erase(*augmented_.erased, preprocessing_, output);
}

void SampleMaker::normalise(const std::uint8_t* pixels, float* output) const {
  const std::size_t count =
      static_cast<std::size_t>(preprocessing_.crop_width) *
      static_cast<std::size_t>(preprocessing_.crop_height);
  if (preprocessing_.channels == 3)
    look_up<3>(table_.data(), pixels, count, output);
  else
    look_up<1>(table_.data(), pixels, count, output);
}

}  // namespace torchclassify
