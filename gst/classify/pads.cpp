// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pads.h"

#include <string>

#include "batch.h"

namespace torchclassify {
namespace {

// Without a framerate field, so that caps that have none are accepted too.
constexpr char kVideoCaps[] =
    "video/x-raw, format=(string){ NV12, NV21, I420, YV12, YUY2, UYVY, RGB, "
    "BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, GRAY8, P010_10LE }, "
    "width=(int)[ 1, 2147483647 ], height=(int)[ 1, 2147483647 ]";

std::string template_caps() {
  std::string caps = kVideoCaps;
  if (have_batches())
    caps += std::string("; ") + kBatchMediaType + "(" + kBatchFeature + ")";
  return caps;
}

void add_pad_template(GstElementClass* element_class, const char* name,
                      GstPadDirection direction) {
  g_autoptr(GstCaps) caps = gst_caps_from_string(template_caps().c_str());
  gst_element_class_add_pad_template(
      element_class,
      gst_pad_template_new(name, direction, GST_PAD_ALWAYS, caps));
}

}  // namespace

void add_pad_templates(GstElementClass* element_class) {
  add_pad_template(element_class, "sink", GST_PAD_SINK);
  add_pad_template(element_class, "src", GST_PAD_SRC);
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
