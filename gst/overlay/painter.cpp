// SPDX-License-Identifier: LGPL-2.1-or-later
#include "painter.h"

#include <gst/video/video.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace torchclassify::overlay {
namespace {

constexpr std::size_t kMostMeasured = 2048;  // texts that are remembered
constexpr double kDotsPerInch = 96;
constexpr double kTrack = 0.25;  // alpha of what a bar fills

struct SurfaceFree {
  void operator()(cairo_surface_t* surface) const {
    cairo_surface_destroy(surface);
  }
};
struct CairoFree {
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, SurfaceFree>;
using CairoPtr = std::unique_ptr<cairo_t, CairoFree>;

// A transparent picture, which draw(cairo) draws on.
template <typename Draw>
BufferPtr picture(int width, int height, Draw draw) {
  const gsize stride = gsize{4} * width;
  const gsize size = stride * height;
  BufferPtr buffer(gst_buffer_new_allocate(nullptr, size, nullptr));
  GstMapInfo map;
  if (!buffer || !gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE))
    throw std::runtime_error("expected memory for a label, got none");
  std::fill_n(map.data, size, 0);
  {
    const SurfacePtr surface(cairo_image_surface_create_for_data(
        map.data, CAIRO_FORMAT_ARGB32, width, height,
        static_cast<int>(stride)));
    const CairoPtr cairo(cairo_create(surface.get()));
    draw(cairo.get());
    cairo_surface_flush(surface.get());
  }
  gst_buffer_unmap(buffer.get(), &map);
  gst_buffer_add_video_meta(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE,
                            GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, width,
                            height);
  return buffer;
}

void set_color(cairo_t* cairo, Color color, double opacity = 1) {
  const auto part = [&](int shift) {
    return ((color >> shift) & 0xff) / 255.0;
  };
  cairo_set_source_rgba(cairo, part(16), part(8), part(0), part(24) * opacity);
}

void fill_rounded(cairo_t* cairo, double x, double y, double width,
                  double height, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  radius = std::min({radius, width / 2, height / 2});
  const double right = x + width - radius;
  const double bottom = y + height - radius;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, right, y + radius, radius, -kQuarter, 0);
  cairo_arc(cairo, right, bottom, radius, 0, kQuarter);
  cairo_arc(cairo, x + radius, bottom, radius, kQuarter, 2 * kQuarter);
  cairo_arc(cairo, x + radius, y + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(cairo);
  cairo_fill(cairo);
}

void draw_bar(cairo_t* cairo, const Panel& panel, const Line& line) {
  const double x = panel.text_width + 2 * panel.padding;
  const double height = 0.45 * line.font_size;
  const double y = line.y + (line.height - height) / 2;
  set_color(cairo, panel.ink, kTrack);
  fill_rounded(cairo, x, y, panel.bar_width, height, height / 4);
  set_color(cairo,
            panel.colored_bars ? line.row.color | 0xff000000 : panel.ink);
  fill_rounded(cairo, x, y, panel.bar_width * line.row.percent / 100, height,
               height / 4);
}

}  // namespace

Painter::Painter()
    : fonts_(pango_cairo_font_map_new()),
      context_(pango_font_map_create_context(fonts_.get())),
      layout_(pango_layout_new(context_.get())) {
  pango_cairo_context_set_resolution(context_.get(), kDotsPerInch);
  pango_layout_set_single_paragraph_mode(layout_.get(), TRUE);
  set_font("");
}

void Painter::set_font(const std::string& description) {
  font_.reset(pango_font_description_from_string(description.c_str()));
  const PangoFontMask set = pango_font_description_get_set_fields(font_.get());
  if (!(set & PANGO_FONT_MASK_FAMILY))
    pango_font_description_set_family(font_.get(), "Sans");
  weighted_ = set & PANGO_FONT_MASK_WEIGHT;
  measured_.clear();
}

double Painter::font_size() const {
  const double size =
      static_cast<double>(pango_font_description_get_size(font_.get())) /
      PANGO_SCALE;
  return pango_font_description_get_size_is_absolute(font_.get())
             ? size
             : size * kDotsPerInch / 72;
}

void Painter::set_text(const std::string& text, double size, bool bold) {
  const std::unique_ptr<PangoFontDescription, FontFree> font(
      pango_font_description_copy(font_.get()));
  pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
  if (bold && !weighted_)
    pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout_.get(), font.get());
  pango_layout_set_width(layout_.get(), -1);
  pango_layout_set_ellipsize(layout_.get(), PANGO_ELLIPSIZE_NONE);
  // Never as markup.
  pango_layout_set_text(layout_.get(), text.data(),
                        static_cast<int>(text.size()));
}

TextSize Painter::measure(const std::string& text, double size, bool bold) {
  if (measured_.size() >= kMostMeasured)
    measured_.clear();
  const auto [known, is_new] = measured_.try_emplace({text, size, bold});
  if (is_new) {
    set_text(text, size, bold);
    int width = 0, height = 0;
    pango_layout_get_size(layout_.get(), &width, &height);
    known->second = {static_cast<double>(width) / PANGO_SCALE,
                     static_cast<double>(height) / PANGO_SCALE};
  }
  return known->second;
}

void Painter::draw_text(cairo_t* cairo, double x, const Line& line,
                        double width, const std::string& text) {
  set_text(text, line.font_size, line.row.heading);
  int text_width = 0, text_height = 0;
  pango_layout_get_size(layout_.get(), &text_width, &text_height);
  if (text_width > width * PANGO_SCALE) {
    pango_layout_set_width(layout_.get(),
                           static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_ellipsize(layout_.get(), PANGO_ELLIPSIZE_END);
  }
  cairo_save(cairo);
  // Letters with piles of marks stay in their line.
  cairo_rectangle(cairo, x, line.y, width, line.height);
  cairo_clip(cairo);
  cairo_move_to(cairo, x, line.y);
  pango_cairo_update_layout(cairo, layout_.get());
  pango_cairo_show_layout(cairo, layout_.get());
  cairo_restore(cairo);
}

void Painter::draw_line(cairo_t* cairo, const Panel& panel, const Line& line) {
  set_color(cairo, panel.ink);
  draw_text(cairo, panel.padding, line, panel.text_width, line.row.text);
  if (panel.value_width > 0 && !line.row.value.empty()) {
    const double value =
        measure(line.row.value, line.font_size, line.row.heading).width;
    double right = panel.padding + panel.text_width;
    for (const double column : {panel.bar_width, panel.value_width})
      right += column > 0 ? column + panel.padding : 0;
    draw_text(cairo, right - value, line, panel.value_width, line.row.value);
  }
  if (panel.bar_width > 0 && line.row.percent != kNoPercent)
    draw_bar(cairo, panel, line);
}

void Painter::draw_panel(cairo_t* cairo, const Panel& panel, double width) {
  set_color(cairo, panel.ground);
  fill_rounded(cairo, 0, 0, width, panel.area.height, panel.padding / 2);
  for (const Line& line : panel.lines) draw_line(cairo, panel, line);
}

BufferPtr Painter::paint(const Panel& panel, double pixel_aspect) {
  const Area& area = panel.area;
  return picture(area.width, area.height, [&](cairo_t* cairo) {
    if (pixel_aspect == 1)
      return draw_panel(cairo, panel, area.width);
    // Squeezed as a picture: hinting would make squeezed letters too wide.
    const double width = area.width * pixel_aspect;
    const SurfacePtr square(cairo_image_surface_create(
        CAIRO_FORMAT_ARGB32, static_cast<int>(std::ceil(width)), area.height));
    draw_panel(CairoPtr(cairo_create(square.get())).get(), panel, width);
    cairo_scale(cairo, 1 / pixel_aspect, 1);
    cairo_set_source_surface(cairo, square.get(), 0, 0);
    cairo_paint(cairo);
  });
}

BufferPtr Painter::paint(const Rotated& outline) {
  const Area& area = outline.area;
  return picture(area.width, area.height, [&](cairo_t* cairo) {
    cairo_translate(cairo, -area.x, -area.y);
    for (std::size_t i = 0; i < outline.x.size(); ++i)
      cairo_line_to(cairo, outline.x[i], outline.y[i]);
    cairo_close_path(cairo);
    set_color(cairo, outline.color | 0xff000000);
    cairo_set_line_width(cairo, outline.line_width);
    cairo_stroke(cairo);
  });
}

BufferPtr Painter::paint(const Edge& edge) {
  return picture(edge.area.width, edge.area.height, [&](cairo_t* cairo) {
    set_color(cairo, edge.color | 0xff000000);
    cairo_paint(cairo);
  });
}

}  // namespace torchclassify::overlay
