// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overlay_settings.h"

#include "property_fields.h"

namespace torchclassify::overlay {
namespace {

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

// The type's values live as long as the program, as GObject wants.
GType draw_type() {
  static const GType type =
      g_flags_register_static("GstTorchOverlayDraw", kDraws);
  return type;
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
  add_enum(c, kPropPosition, "position", "Position",
           "Corner for the labels of the whole frame",
           "GstTorchOverlayPosition", kPositions,
           static_cast<int>(d.look.position), kPlaying);
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

using SettingField = Field<Position>;

// Empty if the property is not one of Settings.
SettingField field_of(Settings& s, guint id) {
  switch (id) {
    case kPropDraw:
      return &s.look.draw;
    case kPropFontDesc:
      return &s.font;
    case kPropPosition:
      return &s.look.position;
    case kPropMargin:
      return &s.look.margin;
    case kPropColor:
      return &s.look.color;
    case kPropLineWidth:
      return &s.look.line_width;
    case kPropShowConfidence:
      return &s.look.show_confidence;
    case kPropShowUnknown:
      return &s.filter.show_unknown;
    case kPropMinConfidence:
      return &s.filter.min_confidence;
    case kPropExpire:
      return &s.filter.expire;
    default:
      return std::monostate{};
  }
}

}  // namespace

void install_properties(GObjectClass* object_class) {
  gst_type_mark_as_plugin_api(draw_type(), static_cast<GstPluginAPIFlags>(0));
  const Settings defaults;
  install_look(object_class, defaults);
  install_filter(object_class, defaults);
  add(object_class, kPropStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Counters and times (nanoseconds) since READY",
                         GST_TYPE_STRUCTURE, kReadable));
}

bool set_setting(Settings& settings, guint id, const GValue* value) {
  return set_field(field_of(settings, id), value);
}

bool get_setting(const Settings& settings, guint id, GValue* value) {
  // Only read through: one list of the fields serves both ways.
  return get_field(field_of(const_cast<Settings&>(settings), id), value);
}

}  // namespace torchclassify::overlay
