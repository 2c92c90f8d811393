// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes a drive past traffic signs as H.264 in MP4: road_clip OUTPUT
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <cstdio>
#include <exception>

#include "gst_pointers.h"
#include "road_scene.h"

namespace {

constexpr char kPipeline[] =
    "appsrc name=source format=time block=true max-buffers=8 ! videoconvert ! "
    "video/x-raw,format=I420 ! "
    "x264enc speed-preset=veryfast key-int-max=50 ! h264parse ! mp4mux ! "
    "filesink name=file";
constexpr gsize kStride = road::kWidth * 4;  // bytes
constexpr gsize kFrameSize = kStride * road::kHeight;

GstCaps* frame_caps() {
  return gst_caps_new_simple(
      "video/x-raw", "format", G_TYPE_STRING, "BGRx", "width", G_TYPE_INT,
      road::kWidth, "height", G_TYPE_INT, road::kHeight, "framerate",
      GST_TYPE_FRACTION, road::kFramesPerSecond, 1, nullptr);
}

void draw_into(guint8* pixels, int frame) {
  cairo_surface_t* surface = cairo_image_surface_create_for_data(
      pixels, CAIRO_FORMAT_RGB24, road::kWidth, road::kHeight, kStride);
  cairo_t* cairo = cairo_create(surface);
  road::draw_frame(cairo, frame);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
}

GstBuffer* make_frame(int frame) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kFrameSize, nullptr);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_WRITE);
  draw_into(map.data, frame);
  gst_buffer_unmap(buffer, &map);
  GST_BUFFER_PTS(buffer) =
      gst_util_uint64_scale(frame, GST_SECOND, road::kFramesPerSecond);
  GST_BUFFER_DURATION(buffer) = GST_SECOND / road::kFramesPerSecond;
  return buffer;
}

// Called when the queue has room: one frame, or the end.
void feed(GstAppSrc* source, guint, gpointer next_frame) {
  int& frame = *static_cast<int*>(next_frame);
  if (frame == road::frame_count()) {
    gst_app_src_end_of_stream(source);
    return;
  }
  gst_app_src_push_buffer(source, make_frame(frame++));
}

void write_clip(const char* path) {
  const example::ElementPtr pipeline = example::parse_pipeline(kPipeline);
  const example::ElementPtr file = example::get_element(pipeline, "file");
  const example::ElementPtr source = example::get_element(pipeline, "source");
  g_autoptr(GstCaps) caps = frame_caps();
  g_object_set(file.get(), "location", path, nullptr);
  g_object_set(source.get(), "caps", caps, nullptr);
  int next_frame = 0;
  GstAppSrcCallbacks callbacks{};
  callbacks.need_data = feed;
  gst_app_src_set_callbacks(GST_APP_SRC(source.get()), &callbacks, &next_frame,
                            nullptr);

  example::play_to_end(pipeline);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: road_clip OUTPUT.mp4\n");
    return 2;
  }
  gst_init(nullptr, nullptr);
  try {
    write_clip(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "road_clip: %s\n", error.what());
    return 1;
  }
  return 0;
}
