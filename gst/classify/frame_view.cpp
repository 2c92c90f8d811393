// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame_view.h"

#include <algorithm>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

struct FormatPair {
  GstVideoFormat gst;
  PixelFormat ours;
};
constexpr FormatPair kFormats[] = {
    {GST_VIDEO_FORMAT_NV12, PixelFormat::kNv12},
    {GST_VIDEO_FORMAT_NV21, PixelFormat::kNv21},
    {GST_VIDEO_FORMAT_I420, PixelFormat::kI420},
    {GST_VIDEO_FORMAT_YV12, PixelFormat::kYv12},
    {GST_VIDEO_FORMAT_YUY2, PixelFormat::kYuy2},
    {GST_VIDEO_FORMAT_UYVY, PixelFormat::kUyvy},
    {GST_VIDEO_FORMAT_RGB, PixelFormat::kRgb},
    {GST_VIDEO_FORMAT_BGR, PixelFormat::kBgr},
    {GST_VIDEO_FORMAT_RGBx, PixelFormat::kRgbx},
    {GST_VIDEO_FORMAT_BGRx, PixelFormat::kBgrx},
    {GST_VIDEO_FORMAT_xRGB, PixelFormat::kXrgb},
    {GST_VIDEO_FORMAT_xBGR, PixelFormat::kXbgr},
    {GST_VIDEO_FORMAT_RGBA, PixelFormat::kRgba},
    {GST_VIDEO_FORMAT_BGRA, PixelFormat::kBgra},
    {GST_VIDEO_FORMAT_GRAY8, PixelFormat::kGray8},
    {GST_VIDEO_FORMAT_P010_10LE, PixelFormat::kP010},
};

PixelFormat pixel_format(GstVideoFormat format) {
  for (const FormatPair& pair : kFormats) {
    if (pair.gst == format)
      return pair.ours;
  }
  throw Error(ErrorCode::kUnsupported,
              std::string("expected a format of the template caps, got ") +
                  gst_video_format_to_string(format));
}

ColorMatrix color_matrix(GstVideoColorMatrix matrix) {
  switch (matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
      return ColorMatrix::kBt709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
      return ColorMatrix::kBt2020;
    case GST_VIDEO_COLOR_MATRIX_FCC:
      return ColorMatrix::kFcc;
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:
      return ColorMatrix::kSmpte240m;
    default:
      return ColorMatrix::kBt601;
  }
}

void check_meta(const GstVideoMeta& meta, const GstVideoInfo& info) {
  if (meta.format != GST_VIDEO_INFO_FORMAT(&info) ||
      meta.n_planes != GST_VIDEO_INFO_N_PLANES(&info))
    refuse(std::string("expected a GstVideoMeta of format ") +
           gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)) +
           ", got another one");
  if (meta.width < static_cast<guint>(info.width) ||
      meta.height < static_cast<guint>(info.height))
    refuse("expected a GstVideoMeta of at least " + std::to_string(info.width) +
           "x" + std::to_string(info.height) + ", got " +
           std::to_string(meta.width) + "x" + std::to_string(meta.height));
}

// Of a plane: the caps' alone, without any padding.
struct PlaneSize {
  gint64 row_bytes = 0;
  gint64 rows = 0;
};

PlaneSize plane_size(const GstVideoInfo& info, int plane) {
  const GstVideoFormatInfo* format = info.finfo;
  PlaneSize size;
  for (guint i = 0; i < GST_VIDEO_FORMAT_INFO_N_COMPONENTS(format); ++i) {
    if (GST_VIDEO_FORMAT_INFO_PLANE(format, i) != static_cast<guint>(plane))
      continue;
    const gint64 samples =
        GST_VIDEO_FORMAT_INFO_SCALE_WIDTH(format, i, info.width);
    size.row_bytes = std::max(
        size.row_bytes, samples * GST_VIDEO_FORMAT_INFO_PSTRIDE(format, i));
    size.rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT(format, i, info.height);
  }
  return size;
}

}  // namespace

FrameView::FrameView(GstBuffer* buffer, const GstVideoInfo& info)
    : buffer_(gst_buffer_ref(buffer)) {
  image_.width = info.width;
  image_.height = info.height;
  image_.format = pixel_format(GST_VIDEO_INFO_FORMAT(&info));
  image_.matrix = color_matrix(info.colorimetry.matrix);
  image_.range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255
                     ? ColorRange::kFull
                     : ColorRange::kLimited;
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (meta)
    check_meta(*meta, info);
  try {
    for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(&info); ++i)
      map_plane(info, i, meta ? meta->offset[i] : info.offset[i],
                meta ? meta->stride[i] : info.stride[i]);
  } catch (const Error&) {
    unmap();
    throw;
  }
}

FrameView::~FrameView() { unmap(); }

ImageView FrameView::part(const Region& region) const {
  ImageView part = image_;
  part.x = region.box.x;
  part.y = region.box.y;
  part.width = region.box.width;
  part.height = region.box.height;
  part.turned = region.turned;
  return part;
}

// The memories that hold these bytes, of which the first begins *skip before.
const GstMapInfo& FrameView::map_bytes(gsize offset, gsize length,
                                       gsize* skip) {
  guint index = 0;
  guint count = 0;
  GstMapInfo& map = maps_[mapped_];
  if (!gst_buffer_find_memory(buffer_.get(), offset, length, &index, &count,
                              skip) ||
      !gst_buffer_map_range(buffer_.get(), index, count, &map, GST_MAP_READ))
    refuse("expected a buffer that can be mapped for reading, got none");
  ++mapped_;
  // Memories that could not be merged are mapped as nothing (GStreamer 1.22).
  if (map.size < *skip || map.size - *skip < length)
    refuse(
        "expected memories that can be mapped for reading, got some that "
        "cannot");
  return map;
}

void FrameView::map_plane(const GstVideoInfo& info, int plane, gsize offset,
                          int stride) {
  const auto [row_bytes, rows] = plane_size(info, plane);
  const std::string name = "plane " + std::to_string(plane);
  if (rows > 1 && stride < row_bytes)
    refuse("expected a stride of at least " + std::to_string(row_bytes) +
           " bytes for " + name + ", got " + std::to_string(stride));
  const auto needed = static_cast<gsize>(stride * (rows - 1) + row_bytes);
  const gsize size = gst_buffer_get_size(buffer_.get());
  if (offset > size || needed > size - offset)
    refuse("expected " + std::to_string(needed) + " bytes of " + name +
           " from byte " + std::to_string(offset) + " on, got a buffer of " +
           std::to_string(size));
  gsize skip = 0;
  const GstMapInfo& map = map_bytes(offset, needed, &skip);
  // Nothing follows a single row, whatever its stride is.
  image_.planes[plane] = {map.data + skip, rows > 1 ? stride : row_bytes,
                          map.size - skip};
}

void FrameView::unmap() {
  for (int i = 0; i < mapped_; ++i) gst_buffer_unmap(buffer_.get(), &maps_[i]);
  mapped_ = 0;
}

}  // namespace torchclassify
