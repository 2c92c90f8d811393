// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ink.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "frames.h"

namespace torchclassify::overlay {
namespace {

guint8 over_255(unsigned product) {
  const unsigned rounded = product + 128;
  return static_cast<guint8>((rounded + (rounded >> 8)) >> 8);
}

// R, G, B to the frame's Y, U, V, or to what R, G, B are with its range.
class Matrix {
 public:
  explicit Matrix(const GstVideoInfo& info) {
    double kr = 0, kb = 0;
    if (!gst_video_color_matrix_get_Kr_Kb(info.colorimetry.matrix, &kr, &kb))
      gst_video_color_matrix_get_Kr_Kb(GST_VIDEO_COLOR_MATRIX_BT601, &kr, &kb);
    const double kg = 1 - kr - kb;
    const double u = 2 * (1 - kb);
    const double v = 2 * (1 - kr);
    const double yuv[3][3] = {{kr, kg, kb},
                              {-kr / u, -kg / u, (1 - kb) / u},
                              {(1 - kr) / v, -kg / v, -kb / v}};
    const double rgb[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const auto& rows = GST_VIDEO_INFO_IS_RGB(&info) ? rgb : yuv;
    const auto* unpacked = gst_video_format_get_info(info.finfo->unpack_format);
    int scale[GST_VIDEO_MAX_COMPONENTS];
    gst_video_color_range_offsets(info.colorimetry.range, unpacked, offset_,
                                  scale);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) factors_[i][j] = rows[i][j] * scale[i] / 255;
    }
  }

  // alpha stays what it is: A, R, G, B in, A, Y, U, V out.
  void apply(guint8* pixel) const {
    const double rgb[] = {1.0 * pixel[1], 1.0 * pixel[2], 1.0 * pixel[3]};
    for (int i = 0; i < 3; ++i) {
      double sum = offset_[i];
      for (int j = 0; j < 3; ++j) sum += factors_[i][j] * rgb[j];
      pixel[i + 1] =
          static_cast<guint8>(std::clamp(std::lround(sum), 0L, 255L));
    }
  }

 private:
  double factors_[3][3];
  int offset_[GST_VIDEO_MAX_COMPONENTS];
};

GstVideoInfo info_of(GstVideoFormat format, const Area& area) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, area.width, area.height);
  return info;
}

// A pixel of the stamp as A, R, G, B, the colours as they are before alpha.
void read_pixel(const guint8* in, guint8* out) {
  const bool little = G_BYTE_ORDER == G_LITTLE_ENDIAN;
  out[0] = little ? in[3] : in[0];
  for (int i = 1; i < 4; ++i) {
    const int value = little ? in[3 - i] : in[i];
    out[i] = out[0] == 0 ? 0
                         : static_cast<guint8>(std::min(
                               255, (value * 255 + out[0] / 2) / out[0]));
  }
}

// An area's pixels in the format that the frame's is unpacked to (A and then
// the components), and where they go in the frame's own.
class Sheet {
 public:
  Sheet(const GstVideoInfo& info, const Area& area)
      : info_(info_of(GST_VIDEO_INFO_FORMAT(&info), area)),
        chroma_site_(info.chroma_site),
        stride_(gsize{4} * (area.width + 8)),  // packing may read on
        pixels_(stride_ * area.height),
        packed_(gst_buffer_new_allocate(nullptr, info_.size, nullptr)) {
    gst_buffer_memset(packed_.get(), 0, 0, info_.size);
  }

  guint8* pixel(int x, int y) { return &pixels_[y * stride_ + gsize{4} * x]; }

  GstBuffer* pack() {
    MappedFrame frame(packed_.get(), info_, GST_MAP_READWRITE);
    const GstVideoFormatInfo* format = info_.finfo;
    // Formats with coarse chroma pack several lines at a time.
    for (int y = 0; y < info_.height; y += format->pack_lines)
      format->pack_func(format, GST_VIDEO_PACK_FLAG_NONE, pixel(0, y),
                        static_cast<int>(stride_), frame.get().data,
                        frame.get().info.stride, chroma_site_, y, info_.width);
    return packed_.get();
  }

  const GstVideoInfo& info() const { return info_; }

 private:
  GstVideoInfo info_;
  GstVideoChromaSite chroma_site_;
  gsize stride_;
  std::vector<guint8> pixels_;
  BufferPtr packed_;
};

// Converts pixels of the stamp; the same again costs nothing.
class Converter {
 public:
  explicit Converter(const Matrix& matrix) : matrix_(matrix) {}

  // A and the components, opaque; the alpha is returned.
  guint8 convert(const guint8* in, guint8* out) {
    if (!std::equal(in, in + 4, in_)) {
      std::copy_n(in, 4, in_);
      read_pixel(in, out_);
      alpha_ = std::exchange(out_[0], 255);
      matrix_.apply(out_);
    }
    std::copy_n(out_, 4, out);
    return alpha_;
  }

 private:
  const Matrix& matrix_;
  guint8 in_[4] = {};
  guint8 out_[4] = {};
  guint8 alpha_ = 0;
};

// The colours, and the alpha in the place of each component.
void fill(Sheet& colors, Sheet& alphas, const Stamp& stamp, const Area& area,
          const Matrix& matrix) {
  const GstVideoInfo info =
      info_of(GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, stamp.area);
  MappedFrame picture(stamp.pixels.get(), info, GST_MAP_READ);
  Converter converter(matrix);
  for (int y = 0; y < stamp.area.height; ++y) {
    const auto* in = static_cast<guint8*>(picture.get().data[0]) +
                     gsize(y) * picture.get().info.stride[0];
    for (int x = 0; x < stamp.area.width; ++x, in += 4) {
      const int column = x + stamp.area.x - area.x;
      const int line = y + stamp.area.y - area.y;
      const guint8 alpha = converter.convert(in, colors.pixel(column, line));
      std::fill_n(alphas.pixel(column, line), 4, alpha);
    }
  }
}

}  // namespace

bool Ink::fits(const GstVideoInfo& info) {
  const GstVideoFormatInfo& format = *info.finfo;
  if (!is_linear(format) || info.flags & GST_VIDEO_FLAG_PREMULTIPLIED_ALPHA ||
      (format.unpack_format != GST_VIDEO_FORMAT_AYUV &&
       format.unpack_format != GST_VIDEO_FORMAT_ARGB))
    return false;
  for (guint c = 0; c < format.n_components; ++c) {
    if (format.depth[c] != 8 || format.shift[c] != 0)
      return false;
  }
  return true;
}

Ink::Ink(const Stamp& stamp, const GstVideoInfo& info)
    : area_(aligned(stamp.area, info)) {
  Sheet colors(info, area_);
  Sheet alphas(info, area_);
  fill(colors, alphas, stamp, area_, Matrix(info));
  MappedFrame color(colors.pack(), colors.info(), GST_MAP_READ);
  MappedFrame alpha(alphas.pack(), alphas.info(), GST_MAP_READ);
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(&info); ++i)
    add_plane(i, color.get(), alpha.get());
}

void Ink::add_plane(guint index, const GstVideoFrame& colors,
                    const GstVideoFrame& alphas) {
  const int c = component_of_plane(*colors.info.finfo, index);
  Plane& plane = planes_[index];
  plane.row = gsize(GST_VIDEO_FRAME_COMP_WIDTH(&colors, c)) *
              GST_VIDEO_FRAME_COMP_PSTRIDE(&colors, c);
  const gsize rows = GST_VIDEO_FRAME_COMP_HEIGHT(&colors, c);
  plane.add.resize(rows * plane.row);
  plane.keep.resize(rows * plane.row);
  for (gsize y = 0; y < rows; ++y) {
    const gsize at = y * GST_VIDEO_FRAME_PLANE_STRIDE(&colors, index);
    const auto* color = static_cast<guint8*>(colors.data[index]) + at;
    const auto* alpha = static_cast<guint8*>(alphas.data[index]) + at;
    guint8* add = &plane.add[y * plane.row];
    guint8* keep = &plane.keep[y * plane.row];
    for (gsize x = 0; x < plane.row; ++x) {
      add[x] = over_255(color[x] * alpha[x]);
      keep[x] = 255 - alpha[x];
    }
  }
}

void Ink::apply(GstVideoFrame& frame) const {
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&frame); ++i) {
    const Plane& plane = planes_[i];
    guint8* to = plane_at(frame, i, area_);
    for (gsize at = 0; at < plane.add.size(); at += plane.row) {
      const guint8* add = plane.add.data() + at;
      const guint8* keep = plane.keep.data() + at;
      for (gsize x = 0; x < plane.row; ++x)
        to[x] = static_cast<guint8>(add[x] + over_255(to[x] * keep[x]));
      to += GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i);
    }
  }
}

}  // namespace torchclassify::overlay
