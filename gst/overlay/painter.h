// SPDX-License-Identifier: LGPL-2.1-or-later
// Panels, outlines and edges as pictures for an overlay composition.
#pragma once

#include <pango/pangocairo.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "gst_raii.h"
#include "layout.h"

namespace torchclassify::overlay {

// One thread at a time. Every picture has the pixels of
// GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, multiplied by alpha, and a
// GstVideoMeta.
class Painter {
 public:
  Painter();

  // A Pango font description; what it does not say is chosen here.
  void set_font(const std::string& description);
  // Its size in pixels, or 0 where it has none.
  double font_size() const;

  // The Ruler of the font. Remembers what it has measured.
  TextSize measure(const std::string& text, double size, bool bold);

  // Of the panel's and the outline's area. Both throw std::runtime_error where
  // there is no memory.
  BufferPtr paint(const Panel& panel, double pixel_aspect);
  BufferPtr paint(const Rotated& outline);

  static BufferPtr paint(const Edge& edge);

 private:
  struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
  };
  struct FontFree {
    void operator()(PangoFontDescription* font) const {
      pango_font_description_free(font);
    }
  };

  void set_text(const std::string& text, double size, bool bold);
  void draw_panel(cairo_t* cairo, const Panel& panel, double width);
  void draw_line(cairo_t* cairo, const Panel& panel, const Line& line);
  void draw_text(cairo_t* cairo, double x, const Line& line, double width,
                 const std::string& text);

  std::unique_ptr<PangoFontMap, Unref> fonts_;  // not shared between elements
  std::unique_ptr<PangoContext, Unref> context_;
  std::unique_ptr<PangoLayout, Unref> layout_;
  std::unique_ptr<PangoFontDescription, FontFree> font_;
  bool weighted_ = false;  // the description says how bold
  std::map<std::tuple<std::string, double, bool>, TextSize> measured_;
};

}  // namespace torchclassify::overlay
