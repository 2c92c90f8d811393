// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overlay_settings.h"

namespace torchclassify::overlay {
namespace {

constexpr auto kPlaying = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kReadable =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

constexpr GFlagsValue kDraws[] = {
    {kDrawFrameLabels, "Labels of the whole frame", "frame-labels"},
    {kDrawObjectLabels, "Classes and labels of objects and regions",
     "object-labels"},
    {kDrawBoxes, "Outlines of objects and regions", "boxes"},
    {kDrawBars, "Bars of confidence where there are several classes", "bars"},
    {0, nullptr, nullptr}};
constexpr GEnumValue kPositions[] = {
    {static_cast<int>(Position::kTopLeft), "Top left", "top-left"},
    {static_cast<int>(Position::kTopRight), "Top right", "top-right"},
    {static_cast<int>(Position::kBottomLeft), "Bottom left", "bottom-left"},
    {static_cast<int>(Position::kBottomRight), "Bottom right", "bottom-right"},
    {0, nullptr, nullptr}};

// The types' values live as long as the program, as GObject wants.
GType draw_type() {
  static const GType type =
      g_flags_register_static("GstTorchOverlayDraw", kDraws);
  return type;
}

GType position_type() {
  static const GType type =
      g_enum_register_static("GstTorchOverlayPosition", kPositions);
  return type;
}

void add(GObjectClass* object_class, Property id, GParamSpec* spec) {
  g_object_class_install_property(object_class, id, spec);
}

void install_look(GObjectClass* c, const Settings& d) {
  add(c, kPropDraw,
      g_param_spec_flags("draw", "Draw", "What to draw", draw_type(),
                         d.look.draw, kPlaying));
  add(c, kPropFontDesc,
      g_param_spec_string("font-desc", "Font description",
                          "Pango description of the font; without a size in "
                          "it, by the frame's height",
                          nullptr, kPlaying));
  add(c, kPropPosition,
      g_param_spec_enum(
          "position", "Position", "Corner for the labels of the whole frame",
          position_type(), static_cast<int>(d.look.position), kPlaying));
  add(c, kPropMargin,
      g_param_spec_uint("margin", "Margin",
                        "Pixels between the frame's sides and its labels; "
                        "0 = by the frame's height",
                        0, G_MAXINT, d.look.margin, kPlaying));
  add(c, kPropColor,
      g_param_spec_uint("color", "Color",
                        "Colour of boxes, their labels and bars, as "
                        "0xAARRGGBB; 0 = by class",
                        0, G_MAXUINT, d.look.color, kPlaying));
  add(c, kPropLineWidth,
      g_param_spec_uint("line-width", "Line width",
                        "Width of outlines, in pixels; 0 = by the frame's "
                        "height",
                        0, G_MAXINT, d.look.line_width, kPlaying));
  add(c, kPropShowConfidence,
      g_param_spec_boolean("show-confidence", "Show confidence",
                           "Write the confidence after each label, in percent",
                           d.look.show_confidence, kPlaying));
}

void install_filter(GObjectClass* c, const Settings& d) {
  add(c, kPropShowUnknown,
      g_param_spec_boolean("show-unknown", "Show unknown",
                           "Draw results whose label is \"unknown\"",
                           d.filter.show_unknown, kPlaying));
  add(c, kPropMinConfidence,
      g_param_spec_double("min-confidence", "Minimum confidence",
                          "Confidence, 0 to 1, below which a label or a "
                          "detection is not drawn",
                          0, 1, d.filter.min_confidence, kPlaying));
  add(c, kPropExpire,
      g_param_spec_uint64("expire", "Expire",
                          "Age beyond which a label is not drawn any more, "
                          "in nanoseconds; 0 = never",
                          0, G_MAXUINT64, d.filter.expire, kPlaying));
}

bool get_filter(const Filter& filter, guint id, GValue* value) {
  switch (id) {
    case kPropShowUnknown:
      g_value_set_boolean(value, filter.show_unknown);
      return true;
    case kPropMinConfidence:
      g_value_set_double(value, filter.min_confidence);
      return true;
    case kPropExpire:
      g_value_set_uint64(value, filter.expire);
      return true;
    default:
      return false;
  }
}

bool set_filter(Filter& filter, guint id, const GValue* value) {
  switch (id) {
    case kPropShowUnknown:
      filter.show_unknown = g_value_get_boolean(value);
      return true;
    case kPropMinConfidence:
      filter.min_confidence = g_value_get_double(value);
      return true;
    case kPropExpire:
      filter.expire = g_value_get_uint64(value);
      return true;
    default:
      return false;
  }
}

}  // namespace

void install_properties(GObjectClass* object_class) {
  for (const GType type : {draw_type(), position_type()})
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  const Settings defaults;
  install_look(object_class, defaults);
  install_filter(object_class, defaults);
  add(object_class, kPropStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Counters and times (nanoseconds) since READY",
                         GST_TYPE_STRUCTURE, kReadable));
}

bool set_setting(Settings& s, guint id, const GValue* value) {
  switch (id) {
    case kPropDraw:
      s.look.draw = g_value_get_flags(value);
      return true;
    case kPropFontDesc: {
      const char* text = g_value_get_string(value);
      s.font = text ? text : "";
      return true;
    }
    case kPropPosition:
      s.look.position = static_cast<Position>(g_value_get_enum(value));
      return true;
    case kPropMargin:
      s.look.margin = g_value_get_uint(value);
      return true;
    case kPropColor:
      s.look.color = g_value_get_uint(value);
      return true;
    case kPropLineWidth:
      s.look.line_width = g_value_get_uint(value);
      return true;
    case kPropShowConfidence:
      s.look.show_confidence = g_value_get_boolean(value);
      return true;
    default:
      return set_filter(s.filter, id, value);
  }
}

bool get_setting(const Settings& s, guint id, GValue* value) {
  switch (id) {
    case kPropDraw:
      g_value_set_flags(value, s.look.draw);
      return true;
    case kPropFontDesc:
      g_value_set_string(value, s.font.empty() ? nullptr : s.font.c_str());
      return true;
    case kPropPosition:
      g_value_set_enum(value, static_cast<int>(s.look.position));
      return true;
    case kPropMargin:
      g_value_set_uint(value, s.look.margin);
      return true;
    case kPropColor:
      g_value_set_uint(value, s.look.color);
      return true;
    case kPropLineWidth:
      g_value_set_uint(value, s.look.line_width);
      return true;
    case kPropShowConfidence:
      g_value_set_boolean(value, s.look.show_confidence);
      return true;
    default:
      return get_filter(s.filter, id, value);
  }
}

}  // namespace torchclassify::overlay
