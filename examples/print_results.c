/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays a launch line and prints every result on the buffers that leave its
 * elements torchclassify, one a line. Built by itself:
 *   cc print_results.c $(pkg-config --cflags --libs torchclassify-results) */
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <torchclassify/results.h>

static const char usage[] =
    "usage: print_results ELEMENT... (as for gst-launch-1.0)\n";

static void die(const char* text) {
  fprintf(stderr, "print_results: %s\n", text);
  exit(1);
}

static void print_frame(const char* element, const TorchClassifyFrame* frame) {
  const double seconds = (double)frame->timestamp / GST_SECOND;
  for (guint i = 0; i < frame->n_results; ++i) {
    const TorchClassifyResult* result = &frame->results[i];
    printf("%s %.3f s %s %d,%d %dx%d %.4f %d %s\n", element, seconds,
           result->region, result->x, result->y, result->width, result->height,
           result->confidence, result->label_id, result->label);
  }
}

/* On the streaming thread of each element. */
static GstPadProbeReturn on_buffer(GstPad* pad, GstPadProbeInfo* info,
                                   gpointer data) {
  g_autoptr(GstObject) element = gst_pad_get_parent(pad);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  gpointer state = NULL;
  TorchClassifyFrame* frame;
  while ((frame = torchclassify_frame_next(buffer, &state))) {
    print_frame(GST_OBJECT_NAME(element), frame);
    torchclassify_frame_free(frame);
  }
  (void)data;
  return GST_PAD_PROBE_OK;
}

static void watch(const GValue* value, gpointer count) {
  g_autoptr(GstPad) pad =
      gst_element_get_static_pad(g_value_get_object(value), "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, NULL, NULL);
  ++*(guint*)count;
}

static GstElement* parse(char** words) {
  g_autoptr(GError) error = NULL;
  guint count = 0;
  GstElement* pipeline = gst_parse_launchv_full(
      (const gchar**)words, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (!pipeline)
    die(error->message);
  gst_object_ref_sink(pipeline);
  if (GST_IS_PIPELINE(pipeline)) {
    GstIterator* elements = gst_bin_iterate_all_by_element_factory_name(
        GST_BIN(pipeline), "torchclassify");
    gst_iterator_foreach(elements, watch, &count);
    gst_iterator_free(elements);
  }
  if (count == 0)
    die("expected an element torchclassify, found none in the launch line");
  return pipeline;
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 2) {
    fputs(usage, stderr);
    return 2;
  }
  g_autoptr(GstElement) pipeline = parse(argv + 1);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
  g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    g_autoptr(GError) error = NULL;
    gst_message_parse_error(message, &error, NULL);
    die(error->message);
  }
  return 0;
}
