// SPDX-License-Identifier: LGPL-2.1-or-later
// A network camera for the tests: serves an H.264 clip in real time, prints its
// port, and ends with its standard input.
#include <gst/rtsp-server/rtsp-server.h>

#include <cstdio>
#include <string>

namespace {

gboolean quit(GIOChannel*, GIOCondition, gpointer loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_REMOVE;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: rtsp_server CLIP.mp4\n");
    return 2;
  }
  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, "0");
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  const std::string line = "( filesrc location=" + std::string(argv[1]) +
                           " ! qtdemux ! h264parse ! rtph264pay name=pay0 )";
  gst_rtsp_media_factory_set_launch(factory, line.c_str());
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  gst_rtsp_mount_points_add_factory(mounts, "/stream", factory);
  g_object_unref(mounts);
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  gst_rtsp_server_attach(server, nullptr);
  std::printf("%d\n", gst_rtsp_server_get_bound_port(server));
  std::fflush(stdout);

  GIOChannel* input = g_io_channel_unix_new(0);
  g_io_add_watch(input, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), quit,
                 loop);
  g_main_loop_run(loop);
  g_io_channel_unref(input);
  g_object_unref(server);
  g_main_loop_unref(loop);
  return 0;
}
