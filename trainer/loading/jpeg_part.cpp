// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/jpeg_part.h"

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before

#include <jpeglib.h>

#include <algorithm>
#include <array>

#include "data/picture_header.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {
namespace {

// Smooth upsampling of the colours looks at the next column's sample, which
// lies at most this many pixels on.
constexpr int kMargin = 8;

struct JpegErrors {
  jpeg_error_mgr base;  // first: libjpeg knows only this
  std::jmp_buf jump;
};

void leave(j_common_ptr info) {
  std::longjmp(reinterpret_cast<JpegErrors*>(info->err)->jump, 1);
}
void say_nothing(j_common_ptr) {}

// The decoder reads 16 bits of type 3 there, but whatever else has this tag's
// number is left to it.
bool is_upright(std::span<const std::uint8_t> exif) {
  using Bytes = std::array<std::uint8_t, 9>;
  constexpr Bytes kBig = {0x01, 0x12, 0, 3, 0, 0, 0, 1, 0};
  constexpr Bytes kLittle = {0x12, 0x01, 3, 0, 1, 0, 0, 0, 1};
  const auto begins = [&](std::size_t at, const Bytes& entry,
                          std::size_t count) {
    return exif.size() - at >= count &&
           std::equal(entry.begin(), entry.begin() + count, exif.begin() + at);
  };
  for (std::size_t at = 0; at + 2 <= exif.size(); ++at) {
    if (begins(at, kBig, 2) &&
        !(begins(at, kBig, 9) && exif.size() > at + 9 && exif[at + 9] == 1))
      return false;
    if (begins(at, kLittle, 2) &&
        !(begins(at, kLittle, 9) && exif.size() > at + 9 && exif[at + 9] == 0))
      return false;
  }
  return true;
}

bool is_plain(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 3> kMagic = {0xff, 0xd8, 0xff};
  if (bytes.size() < kMagic.size() ||
      !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
    return false;
  const auto header = read_picture_header(bytes);
  return header && !header->problem && header->width >= 1 &&
         header->height >= 1 && header->width <= kMaxImageSide &&
         header->height <= kMaxImageSide &&
         header->width * header->height <= kMaxPixels;
}

}  // namespace

// libjpeg's state; whatever fails in it jumps back into decode().
struct JpegPart::Decoder {
  explicit Decoder(JpegPart& owner) : part(owner) {
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = leave;
    errors.base.output_message = say_nothing;
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool decode(std::span<const std::uint8_t> bytes, const Choose& choose);
  bool read_header(std::span<const std::uint8_t> bytes);
  void read_rows(const PixelRect& wanted);

  JpegPart& part;
  JpegErrors errors{};
  jpeg_decompress_struct info{};
};

// Nothing here or below has a destructor: a jump would pass it by.
bool JpegPart::Decoder::decode(std::span<const std::uint8_t> bytes,
                               const Choose& choose) {
  if (setjmp(errors.jump) != 0)
    return false;
  jpeg_create_decompress(&info);
  if (!read_header(bytes))
    return false;
  jpeg_start_decompress(&info);
  read_rows(choose(static_cast<int>(info.output_width),
                   static_cast<int>(info.output_height)));
  return errors.base.num_warnings == 0;
}

bool JpegPart::Decoder::read_header(std::span<const std::uint8_t> bytes) {
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&info, TRUE);
  for (auto* marker = info.marker_list; marker; marker = marker->next) {
    if (!is_upright({marker->data, marker->data_length}))
      return false;
  }
  info.out_color_space = JCS_RGB;
  return info.num_components == 1 || info.num_components == 3;
}

void JpegPart::Decoder::read_rows(const PixelRect& wanted) {
  const int width = static_cast<int>(info.output_width);
  std::uint8_t* const pixels =
      part.reserve(width, static_cast<int>(info.output_height));
  // libjpeg moves left to where its blocks begin, and makes up for it in count.
  JDIMENSION left = static_cast<JDIMENSION>(std::max(wanted.x - kMargin, 0));
  JDIMENSION count = static_cast<JDIMENSION>(
                         std::min(wanted.x + wanted.width + kMargin, width)) -
                     left;
  jpeg_crop_scanline(&info, &left, &count);
  const auto top = static_cast<JDIMENSION>(wanted.y);
  if (top > 0)
    jpeg_skip_scanlines(&info, top);
  while (info.output_scanline < top + static_cast<JDIMENSION>(wanted.height)) {
    JSAMPROW row = pixels + part.stride_ * info.output_scanline + 3 * left;
    jpeg_read_scanlines(&info, &row, 1);
  }
}

bool JpegPart::decode(std::span<const std::uint8_t> bytes,
                      const Choose& choose) {
  if (!is_plain(bytes))
    return false;
  Decoder decoder(*this);
  return decoder.decode(bytes, choose);
}

std::uint8_t* JpegPart::reserve(int width, int height) {
  width_ = width;
  height_ = height;
  // libjpeg writes aligned rows past the processor's cache; these are read at
  // once, so none is aligned.
  constexpr std::ptrdiff_t kAlignment = 64;
  stride_ = (std::ptrdiff_t{3} * width / kAlignment + 1) * kAlignment;
  const auto bytes = static_cast<std::size_t>(stride_ * height) + 1;
  if (bytes > capacity_) {
    buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
    capacity_ = bytes;
  }
  return buffer_.get() + 1;
}

ImageView JpegPart::view() const {
  ImageView view{.width = width_, .height = height_};
  view.format = PixelFormat::kRgb;
  view.range = ColorRange::kFull;
  view.planes[0] = {buffer_.get() + 1, stride_,
                    static_cast<std::size_t>(stride_ * height_)};
  return view;
}

}  // namespace torchclassify
