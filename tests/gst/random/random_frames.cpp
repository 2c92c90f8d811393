// SPDX-License-Identifier: LGPL-2.1-or-later
#include "random_frames.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "preprocess/pixel_layout.h"

namespace support {
namespace {

using namespace torchclassify;

struct Format {
  GstVideoFormat gst;
  PixelFormat ours;
};
constexpr Format kFormats[] = {
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

// range:matrix:transfer:primaries, as caps have it.
struct Colors {
  const char* name;
  ColorMatrix matrix;
  ColorRange range;
};
constexpr Colors kColors[] = {
    {"bt601", ColorMatrix::kBt601, ColorRange::kLimited},
    {"bt709", ColorMatrix::kBt709, ColorRange::kLimited},
    {"bt2020", ColorMatrix::kBt2020, ColorRange::kLimited},
    {"smpte240m", ColorMatrix::kSmpte240m, ColorRange::kLimited},
    {"2:2:5:1", ColorMatrix::kFcc, ColorRange::kLimited},
    {"1:4:0:0", ColorMatrix::kBt601, ColorRange::kFull},
    {"1:3:5:1", ColorMatrix::kBt709, ColorRange::kFull},
};

constexpr const char* kTypes[] = {"car", "person", "traffic sign",
                                  "\xff\xfe broken", ""};
constexpr double kNoRotations[] = {std::numeric_limits<double>::quiet_NaN(),
                                   std::numeric_limits<double>::infinity(),
                                   -std::numeric_limits<double>::infinity()};
constexpr gsize kFarOffsets[] = {G_MAXSIZE, G_MAXSIZE - 7, gsize{1} << 40,
                                 gsize{1} << 31};
constexpr int kFarStrides[] = {G_MAXINT, G_MININT, -1, 0, 1, 1 << 20};
constexpr guint kFarSides[] = {G_MAXUINT, G_MAXUINT - 1, 1u << 31, G_MAXINT,
                               1u << 16};

// Around a side's ends, mostly.
guint random_number(Random& random, int side) {
  return random.chance(8) ? random.pick(kFarSides)
                          : static_cast<guint>(random.within(0, side + 4));
}

// Its place can be told to the last bit, in whatever way.
bool is_near(const RandomObject& object) {
  constexpr guint kFar = 1 << 20;
  return std::max({object.x, object.y, object.width, object.height}) < kFar;
}

// Whether these bytes are of this memory and of others. GStreamer copies a lone
// memory that somebody writes to, but merges it with none.
bool is_merged(const std::vector<gsize>& memories, int index, gsize begin,
               gsize end) {
  gsize first = 0;
  for (int i = 0; i < index; ++i) first += memories[i];
  const gsize last = first + memories[index];
  return begin < last && end > first && (begin < first || end > last);
}

}  // namespace

int random_formats() { return static_cast<int>(std::size(kFormats)); }

RandomFrame::RandomFrame(Random& random) {
  choose_caps(random);
  choose_layout(random);
  if (random.chance(15))
    lie(random);
  for (guint8& byte : bytes_) byte = static_cast<guint8>(random.bits());
  choose_memories(random);
  choose_objects(random);
  if (random.chance(90))
    pts_ = random.bits() % (100 * GST_SECOND);
  gap_ = random.chance(10);
}

void RandomFrame::choose_caps(Random& random) {
  const Format& format = random.pick(kFormats);
  const int most = random.chance(3) ? 700 : 70;
  gst_video_info_set_format(&info_, format.gst, random.within(1, most),
                            random.within(1, most));
  format_ = format.ours;
  const bool grey = format_ == PixelFormat::kGray8;
  // GStreamer's rules.
  matrix_ =
      info_.height > 576 && !grey ? ColorMatrix::kBt709 : ColorMatrix::kBt601;
  range_ = grey ? ColorRange::kFull : ColorRange::kLimited;
  if (GST_VIDEO_INFO_IS_YUV(&info_) && random.chance(80)) {
    const Colors& colors = random.pick(kColors);
    gst_video_colorimetry_from_string(&info_.colorimetry, colors.name);
    matrix_ = colors.matrix;
    range_ = colors.range;
  }
}

void RandomFrame::choose_layout(Random& random) {
  planes_ = static_cast<int>(GST_VIDEO_INFO_N_PLANES(&info_));
  has_meta_ = random.chance(65);
  meta_format_ = GST_VIDEO_INFO_FORMAT(&info_);
  meta_planes_ = GST_VIDEO_INFO_N_PLANES(&info_);
  meta_width_ = info_.width + (random.chance(10) ? random.within(1, 9) : 0);
  meta_height_ = info_.height + (random.chance(10) ? random.within(1, 9) : 0);
  std::copy_n(info_.offset, planes_, offset_.begin());
  std::copy_n(info_.stride, planes_, stride_.begin());
  gsize size = info_.size;
  if (has_meta_ && random.chance(80)) {
    size = 0;
    const bool backwards = random.chance(20);
    for (int i = 0; i < planes_; ++i) {
      const int plane = backwards ? planes_ - 1 - i : i;
      const PlaneSize plane_bytes =
          plane_size(format_, plane, info_.width, info_.height);
      stride_[plane] =
          static_cast<int>(plane_bytes.row_bytes) + random.within(0, 40);
      offset_[plane] = size + static_cast<gsize>(random.within(0, 33));
      // The last row has no padding.
      size = offset_[plane] +
             static_cast<gsize>(stride_[plane] * (plane_bytes.rows - 1) +
                                plane_bytes.row_bytes);
    }
  }
  bytes_.resize(size + (random.chance(30) ? random.within(1, 50) : 0));
}

// Sometimes it is none: a layout may have room.
void RandomFrame::lie(Random& random) {
  const int plane = random.within(0, planes_ - 1);
  switch (has_meta_ ? random.within(0, 7) : 0) {
    case 0:
      bytes_.resize(random.chance(50)
                        ? bytes_.size() - std::min<gsize>(bytes_.size(), 3)
                        : random.bits() % (bytes_.size() + 1));
      break;
    case 1:
      offset_[plane] = random.pick(kFarOffsets);
      break;
    case 2:
      offset_[plane] += static_cast<gsize>(random.within(1, 60));
      break;
    case 3:
      stride_[plane] = random.pick(kFarStrides);
      break;
    case 4:
      stride_[plane] += random.within(-45, 5);
      break;
    case 5:
      meta_format_ = random.pick(kFormats).gst;
      break;
    case 6:
      meta_planes_ = static_cast<guint>(random.within(0, 4));
      break;
    default:
      meta_width_ = static_cast<guint>(random.within(0, info_.width));
      meta_height_ = static_cast<guint>(random.within(0, info_.height));
  }
}

void RandomFrame::choose_memories(Random& random) {
  gsize left = bytes_.size();
  for (int cuts = random.chance(40) ? 0 : random.within(1, 10);
       cuts > 0 && left > 0; --cuts) {
    // Half of them where a plane begins or a row ends, or near to that.
    const gsize at = bytes_.size() - left;
    const int plane = random.within(0, planes_ - 1);
    gsize size = random.bits() % (left + 1);
    if (random.chance(50) && offset_[plane] > at)
      size = offset_[plane] - at;
    else if (random.chance(30) && stride_[plane] > 0)
      size = static_cast<gsize>(stride_[plane]);
    memories_.push_back(std::min(size, left));
    left -= memories_.back();
  }
  if (left > 0 || random.chance(10))
    memories_.push_back(left);
  const auto count = static_cast<int>(memories_.size());
  shared_ = !bytes_.empty() && random.chance(15);
  if (count > 0 && !shared_ && random.chance(3))
    held_ = random.within(0, count - 1);
  if (held_ >= 0 && memories_[held_] == 0)
    held_ = -1;
}

void RandomFrame::choose_objects(Random& random) {
  const int count = random.chance(3)    ? random.within(60, 90)
                    : random.chance(50) ? random.within(1, 5)
                                        : 0;
  for (int i = 0; i < count; ++i)
    objects_.push_back(
        {.type = random.pick(kTypes),
         .x = random_number(random, info_.width),
         .y = random_number(random, info_.height),
         .width = random_number(random, info_.width),
         .height = random_number(random, info_.height),
         .rotation = 0,
         .track = random.chance(90) ? random.within(-2, 9) : G_MAXINT,
         .tracked = random.chance(40)});
  for (RandomObject& object : objects_) {
    if (random.chance(25) && is_near(object))
      object.rotation = random.chance(90) ? random.within(-7000, 7000) / 1000.0
                                          : random.pick(kNoRotations);
  }
}

GstMemory* RandomFrame::make_memory(Random& random, gsize offset, gsize size,
                                    bool may_be_read_only) const {
  const guint8* bytes = bytes_.data() + offset;
  if (size > 0 && random.chance(20)) {
    GstMemory* memory = gst_allocator_alloc(nullptr, size, nullptr);
    GstMapInfo map;
    gst_memory_map(memory, &map, GST_MAP_WRITE);
    std::memcpy(map.data, bytes, size);
    gst_memory_unmap(memory, &map);
    return memory;
  }
  // More of it than belongs to the buffer, or to the byte.
  const gsize before = random.chance(20) ? random.within(1, 9) : 0;
  const gsize whole = std::max<gsize>(1, before + size);
  auto* data = static_cast<guint8*>(g_malloc0(whole));
  std::copy_n(bytes, size, data + before);
  const auto flags = may_be_read_only && random.chance(30)
                         ? GST_MEMORY_FLAG_READONLY
                         : GstMemoryFlags{};
  return gst_memory_new_wrapped(flags, data, whole, before, size, data, g_free);
}

GstBuffer* RandomFrame::make_buffer(Random& random) const {
  GstBuffer* buffer = gst_buffer_new();
  GstMemory* block = nullptr;
  if (shared_) {
    const gsize size = bytes_.size();
    gpointer copy = g_memdup2(bytes_.data(), size);
    block = gst_memory_new_wrapped(GstMemoryFlags{}, copy, size, 0, size, copy,
                                   g_free);
  }
  gsize offset = 0;
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    const gsize size = memories_[i];
    gst_buffer_append_memory(
        buffer, block ? gst_memory_share(block, static_cast<gssize>(offset),
                                         static_cast<gssize>(size))
                      : make_memory(random, offset, size,
                                    static_cast<int>(i) != held_));
    offset += size;
  }
  if (block)
    gst_memory_unref(block);
  if (has_meta_) {
    GstVideoMeta* meta = gst_buffer_add_video_meta(
        buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info_),
        info_.width, info_.height);
    meta->format = meta_format_;
    meta->n_planes = meta_planes_;
    meta->width = meta_width_;
    meta->height = meta_height_;
    std::copy_n(offset_.begin(), planes_, meta->offset);
    std::copy_n(stride_.begin(), planes_, meta->stride);
  }
  for (const RandomObject& object : objects_) {
    GstVideoRegionOfInterestMeta* meta =
        gst_buffer_add_video_region_of_interest_meta(
            buffer, object.type, object.x, object.y, object.width,
            object.height);
    if (object.rotation != 0)
      gst_video_region_of_interest_meta_add_param(
          meta, gst_structure_new("detection", "rotation", G_TYPE_DOUBLE,
                                  object.rotation, nullptr));
    if (object.tracked)
      gst_video_region_of_interest_meta_add_param(
          meta, gst_structure_new("object_id", "id", G_TYPE_INT, object.track,
                                  nullptr));
  }
  GST_BUFFER_PTS(buffer) = pts_;
  if (gap_)
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_GAP);
  return buffer;
}

bool RandomFrame::holds(int plane) const {
  const PlaneSize size = plane_size(format_, plane, info_.width, info_.height);
  if (size.rows > 1 && stride_[plane] < size.row_bytes)
    return false;
  const auto needed =
      static_cast<gsize>(stride_[plane] * (size.rows - 1) + size.row_bytes);
  if (offset_[plane] > bytes_.size() || needed > bytes_.size() - offset_[plane])
    return false;
  return held_ < 0 ||
         !is_merged(memories_, held_, offset_[plane], offset_[plane] + needed);
}

bool RandomFrame::is_honest() const {
  if (has_meta_ && (meta_format_ != GST_VIDEO_INFO_FORMAT(&info_) ||
                    meta_planes_ != GST_VIDEO_INFO_N_PLANES(&info_) ||
                    meta_width_ < static_cast<guint>(info_.width) ||
                    meta_height_ < static_cast<guint>(info_.height)))
    return false;
  for (int i = 0; i < planes_; ++i) {
    if (!holds(i))
      return false;
  }
  return true;
}

bool RandomFrame::is_packed() const {
  return !has_meta_ ||
         (std::equal(info_.offset, info_.offset + planes_, offset_.begin()) &&
          std::equal(info_.stride, info_.stride + planes_, stride_.begin()));
}

std::string RandomFrame::text() const {
  g_autofree char* colors = gst_video_colorimetry_to_string(&info_.colorimetry);
  g_autofree char* start = g_strdup_printf(
      "%s %dx%d %s%s%s, %" G_GSIZE_FORMAT " bytes in",
      gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info_)), info_.width,
      info_.height, colors ? colors : "no colorimetry", gap_ ? " gap" : "",
      has_meta_ ? " with meta" : "", bytes_.size());
  std::string text = start;
  for (const gsize size : memories_) {
    text += " ";
    text += std::to_string(size);
  }
  text += shared_ ? " of one block, planes" : ", planes";
  for (int i = 0; i < planes_; ++i) {
    g_autofree char* plane =
        g_strdup_printf(" %" G_GSIZE_FORMAT "+%d", offset_[i], stride_[i]);
    text += plane;
  }
  return text + (is_honest() ? "" : ", lying");
}

ImageView RandomFrame::view() const {
  ImageView view{.width = info_.width,
                 .height = info_.height,
                 .format = format_,
                 .matrix = matrix_,
                 .range = range_,
                 .planes = {}};
  for (int i = 0; i < planes_; ++i)
    view.planes[i] = {bytes_.data() + offset_[i], stride_[i],
                      bytes_.size() - offset_[i]};
  return view;
}

}  // namespace support
