// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pads.h"

namespace torchclassify {
namespace {

// Without a framerate field, so that caps that have none are accepted too.
constexpr char kCaps[] =
    "video/x-raw, format=(string){ NV12, NV21, I420, YV12, YUY2, UYVY, RGB, "
    "BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, GRAY8, P010_10LE }, "
    "width=(int)[ 1, 2147483647 ], height=(int)[ 1, 2147483647 ]";

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

}  // namespace

void add_pad_templates(GstElementClass* element_class) {
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
}

GstPad* add_pad(GstElement* element, const char* name) {
  GstPadTemplate* pad_template =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name);
  GstPad* pad = gst_pad_new_from_template(pad_template, name);
  GST_PAD_SET_PROXY_CAPS(pad);
  gst_element_add_pad(element, pad);
  return pad;
}

}  // namespace torchclassify
