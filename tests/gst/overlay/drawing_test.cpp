// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures of labels, and pictures in frames of every format.
#include <cstring>
#include <stdexcept>

#include "blending.h"
#include "composer.h"
#include "painter.h"
#include "support/rows.h"
#include "text.h"

namespace {

using namespace torchclassify;
using namespace torchclassify::overlay;

constexpr Canvas kCanvas{320, 240, 1};

Finding labelled(const std::string& text) {
  Finding finding;
  finding.said.push_back({{{text, 80}}, {{text, 80}, {"other", 20}}});
  return finding;
}

Finding box(double x, double y, double width, double height) {
  Finding finding;
  finding.box = Box{x, y, width, height, 0};
  finding.kind = "car";
  finding.what = {"car", 90};
  return finding;
}

struct Mapped {
  explicit Mapped(GstBuffer* buffer) : buffer_(buffer) {
    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READ));
  }
  ~Mapped() { gst_buffer_unmap(buffer_, &map); }
  GstMapInfo map;

 private:
  GstBuffer* buffer_;
};

// Pixels of a picture that have anything on them.
gsize inked(GstBuffer* picture) {
  const Mapped mapped(picture);
  gsize count = 0;
  for (gsize i = 0; i + 3 < mapped.map.size; i += 4) {
    const guint8* p = mapped.map.data + i;
    count += p[0] || p[1] || p[2] || p[3];
  }
  return count;
}

// Pixels of the text's colour.
gsize white(GstBuffer* picture) {
  const Mapped mapped(picture);
  gsize count = 0;
  for (gsize i = 0; i + 3 < mapped.map.size; i += 4) {
    const guint8* p = mapped.map.data + i;
    count += p[0] > 200 && p[1] > 200 && p[2] > 200;
  }
  return count;
}

struct Script {
  const char* name;
  const char* text;
  const char* language;  // of which there must be a font, or null
};
const Script kScripts[] = {
    {"latin", "sports car", "en"},
    {"markup", "<b>x & y</b>", "en"},
    {"hebrew", "כלב רועה גרמני", "he"},
    {"arabic", "كلب صيد ذهبي", "ar"},
    {"chinese", "高速公路", "zh-cn"},
    {"japanese", "じどうしゃ", "ja"},
    {"marks-in-a-pile", "Z\u0351\u0352\u0353\u0354\u0355\u0356l", nullptr},
    {"nothing", "", nullptr},
    {"spaces", "   ", nullptr},
    {"not-utf-8", "a\xff\xfe\xc3", nullptr},
};

bool has_letters(const char* text, const char* language) {
  PangoFontMap* fonts = pango_cairo_font_map_new();
  PangoContext* context = pango_font_map_create_context(fonts);
  PangoLayout* layout = pango_layout_new(context);
  pango_context_set_language(context, pango_language_from_string(language));
  pango_layout_set_text(layout, text, -1);
  const bool known = pango_layout_get_unknown_glyphs_count(layout) == 0;
  g_object_unref(layout);
  g_object_unref(context);
  g_object_unref(fonts);
  return known;
}

void test_text_is_drawn_in(gconstpointer data) {
  const auto& c = *static_cast<const Script*>(data);
  if (c.language && !has_letters(c.text, c.language)) {
    g_test_skip("no font on this machine has these letters");
    return;
  }
  Composer composer;

  composer.compose({labelled(drawable(c.text))}, {}, "", kCanvas);

  const Stamp& stamp = composer.stamps().at(0);
  g_assert_cmpuint(inked(stamp.pixels.get()), >, 0);
  if (c.language)
    g_assert_cmpuint(white(stamp.pixels.get()), >, 20);
}

struct Font {
  const char* name;
  const char* description;
};
const Font kFonts[] = {
    {"no-such-family", "No Such Font 20"},
    {"no-words", ";;%%\x01 ,,, @"},
    {"not-utf-8", "\xff\xfe 20"},
    {"huge", "Sans 999999999"},
    {"negative", "Sans -5"},
    {"tiny", "Sans 0.001"},
};

void test_a_font_that_is(gconstpointer data) {
  const auto& c = *static_cast<const Font*>(data);
  Composer composer;

  composer.compose({labelled("cat"), box(50, 50, 100, 100)}, {}, c.description,
                   kCanvas);

  g_assert_cmpuint(composer.stamps().size(), >, 0);
  for (const Stamp& stamp : composer.stamps()) {
    g_assert_cmpint(stamp.area.x + stamp.area.width, <=, kCanvas.width);
    g_assert_cmpint(stamp.area.y + stamp.area.height, <=, kCanvas.height);
  }
}

void test_rotated_outlines_are_drawn(void) {
  Finding finding = box(100, 100, 80, 40);
  finding.box->rotation = 0.5;
  Composer composer;

  composer.compose({finding}, {.draw = kDrawBoxes}, "", kCanvas);

  g_assert_cmpuint(composer.stamps().size(), ==, 1);
  g_assert_cmpuint(inked(composer.stamps()[0].pixels.get()), >, 200);
}

void test_the_same_labels_are_the_same_object(void) {
  Composer composer;
  composer.compose({labelled("cat")}, {}, "", kCanvas);
  auto* composition = composer.composition(nullptr);

  const bool drawn = composer.compose({labelled("cat")}, {}, "", kCanvas);

  g_assert_false(drawn);
  g_assert_true(composer.composition(nullptr) == composition);
}

void test_a_change_is_another_object(gconstpointer data) {
  const std::string change = *static_cast<const char* const*>(data);
  Composer composer;
  composer.compose({labelled("cat")}, {}, "", kCanvas);
  const guint before =
      gst_video_overlay_composition_get_seqnum(composer.composition(nullptr));
  Look look;
  Canvas canvas = kCanvas;
  if (change == "look")
    look.draw = kDrawFrameLabels;
  if (change == "size")
    canvas.height = 480;
  if (change == "shape")
    canvas.pixel_aspect = 2;

  composer.compose({labelled(change == "label" ? "dog" : "cat")}, look,
                   change == "font" ? "Sans 9" : "", canvas);

  g_assert_cmpuint(
      gst_video_overlay_composition_get_seqnum(composer.composition(nullptr)),
      !=, before);
}

void test_a_moved_box_keeps_its_letters(void) {
  Composer composer;
  composer.compose({box(50, 50, 100, 100)}, {}, "", kCanvas);
  GstBuffer* letters = composer.stamps().back().pixels.get();
  gst_buffer_ref(letters);

  composer.compose({box(60, 55, 100, 100)}, {}, "", kCanvas);

  g_assert_true(composer.stamps().back().pixels.get() == letters);
  gst_buffer_unref(letters);
}

void test_nothing_left_is_no_composition(void) {
  Composer composer;
  composer.compose({labelled("cat")}, {}, "", kCanvas);

  composer.compose({}, {}, "", kCanvas);

  g_assert_null(composer.composition(nullptr));
}

// --- into frames ---

GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, width, height);
  return info;
}

BufferPtr frame_of(const GstVideoInfo& info, int value = 0) {
  BufferPtr buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  gst_buffer_memset(buffer.get(), 0, value, info.size);
  return buffer;
}

bool same_bytes(GstBuffer* a, GstBuffer* b) {
  const Mapped first(a);
  const Mapped second(b);
  return first.map.size == second.map.size &&
         !std::memcmp(first.map.data, second.map.data, first.map.size);
}

// Each format that GStreamer knows, also with sides that no chroma divides.
void test_every_format_is_drawn_on(void) {
  Composer composer;
  composer.compose({labelled("cat"), box(33, 101, 77, 51)}, {}, "", kCanvas);
  const auto last = GST_VIDEO_FORMAT_NV12_32L32;
  guint drawn = 0;
  for (int format = GST_VIDEO_FORMAT_I420; format <= last; ++format) {
    const GstVideoInfo info =
        info_of(static_cast<GstVideoFormat>(format), 321, 241);
    g_test_message("%s", GST_VIDEO_INFO_NAME(&info));
    const BufferPtr before = frame_of(info);
    const BufferPtr after = frame_of(info);
    Blender blender;

    blender.blend(nullptr, composer, after.get(), info);

    g_assert_false(same_bytes(before.get(), after.get()));
    ++drawn;
  }
  g_assert_cmpuint(drawn, >, 90);
}

int at(GstBuffer* buffer, gsize offset) {
  const Mapped mapped(buffer);
  return mapped.map.data[offset];
}

struct Red {
  const char* name;
  GstVideoFormat format;
  const char* colorimetry;
  int bytes[3];  // of a pixel in the middle
};
constexpr Red kReds[] = {
    {"rgb", GST_VIDEO_FORMAT_RGB, "sRGB", {255, 0, 0}},
    {"bgr", GST_VIDEO_FORMAT_BGR, "sRGB", {0, 0, 255}},
    {"y444-bt601", GST_VIDEO_FORMAT_Y444, "bt601", {81, 90, 240}},
    {"y444-bt709", GST_VIDEO_FORMAT_Y444, "bt709", {63, 102, 240}},
    {"y444-full", GST_VIDEO_FORMAT_Y444, "1:4:0:0", {76, 85, 255}},
};

void test_red_is_red_in(gconstpointer data) {
  const auto& c = *static_cast<const Red*>(data);
  GstVideoInfo info = info_of(c.format, 320, 240);
  g_assert_true(
      gst_video_colorimetry_from_string(&info.colorimetry, c.colorimetry));
  const BufferPtr buffer = frame_of(info, 99);
  const Look look{.draw = kDrawBoxes, .line_width = 60, .color = 0xffff0000};
  Composer composer;
  composer.compose({box(100, 100, 100, 100)}, look, "", kCanvas);
  Blender blender;

  blender.blend(nullptr, composer, buffer.get(), info);

  const bool packed = GST_VIDEO_INFO_N_PLANES(&info) == 1;
  for (int i = 0; i < 3; ++i) {
    const gsize offset = packed ? 150 * info.stride[0] + 150 * 3 + i
                                : info.offset[i] + 150 * info.stride[i] + 150;
    g_assert_cmpint(ABS(at(buffer.get(), offset) - c.bytes[i]), <=, 1);
  }
  // Nothing outside the box is touched.
  g_assert_cmpint(at(buffer.get(), 0), ==, 99);
}

// What is written by our own multiplication is what GStreamer blends.
void test_it_agrees_with_gstreamer(void) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_RGB, 320, 240);
  const BufferPtr ours = frame_of(info, 120);
  const BufferPtr theirs = frame_of(info, 120);
  Composer composer;
  composer.compose({labelled("cat"), box(33, 101, 77, 51)}, {}, "", kCanvas);
  Blender blender;
  GstVideoFrame frame;
  g_assert_true(
      gst_video_frame_map(&frame, &info, theirs.get(), GST_MAP_READWRITE));
  gst_video_overlay_composition_blend(composer.composition(nullptr), &frame);
  gst_video_frame_unmap(&frame);

  blender.blend(nullptr, composer, ours.get(), info);

  const Mapped first(ours.get());
  const Mapped second(theirs.get());
  for (gsize i = 0; i < info.size; ++i)
    g_assert_cmpint(ABS(first.map.data[i] - second.map.data[i]), <=, 2);
}

struct Hostile {
  const char* name;
  gsize bytes;
  bool meta;
  guint width;
  gsize offset;
  int stride;
};
constexpr Hostile kHostile[] = {
    {"short-memory", 320 * 240 - 1, false, 320, 0, 320},
    {"no-memory", 0, false, 320, 0, 320},
    {"offset-outside", 320 * 240, true, 320, 1 << 20, 320},
    {"offset-too-far", 320 * 240, true, 320, 1, 320},
    {"absurd-offset", 320 * 240, true, 320, G_MAXSIZE, 320},
    {"absurd-stride", 320 * 240, true, 320, 0, G_MAXINT},
    {"negative-stride", 320 * 240, true, 320, 0, -320},
    {"short-stride", 320 * 240, true, 320, 0, 160},
    {"smaller-meta", 320 * 240, true, 160, 0, 320},
};

void test_a_hostile_buffer_is_refused(gconstpointer data) {
  const auto& c = *static_cast<const Hostile*>(data);
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_GRAY8, 320, 240);
  const BufferPtr buffer(gst_buffer_new_allocate(nullptr, c.bytes, nullptr));
  if (c.meta) {
    GstVideoMeta* meta =
        gst_buffer_add_video_meta(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE,
                                  GST_VIDEO_FORMAT_GRAY8, 320, 240);
    meta->width = c.width;
    meta->offset[0] = c.offset;
    meta->stride[0] = c.stride;
  }
  Composer composer;
  composer.compose({labelled("cat")}, {}, "", kCanvas);
  Blender blender;
  std::string message;

  try {
    blender.blend(nullptr, composer, buffer.get(), info);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }

  g_test_message("%s", message.c_str());
  g_assert_true(g_str_has_prefix(message.c_str(), "expected "));
}

constexpr const char* kChanges[] = {"label", "look", "font", "size", "shape"};

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  const auto add = [](const char* name, GTestFunc test) {
    g_autofree char* path = g_strdup_printf("/overlay-drawing/%s", name);
    g_test_add_func(path, test);
  };
  support::add_rows("/overlay-drawing/text-is-drawn-in", kScripts,
                    test_text_is_drawn_in);
  support::add_rows("/overlay-drawing/a-font-that-is", kFonts,
                    test_a_font_that_is);
  add("rotated-outlines-are-drawn", test_rotated_outlines_are_drawn);
  add("the-same-labels-are-the-same-object",
      test_the_same_labels_are_the_same_object);
  for (const auto& change : kChanges) {
    g_autofree char* path = g_strdup_printf(
        "/overlay-drawing/a-change-is-another-object/%s", change);
    g_test_add_data_func(path, &change, test_a_change_is_another_object);
  }
  add("a-moved-box-keeps-its-letters", test_a_moved_box_keeps_its_letters);
  add("nothing-left-is-no-composition", test_nothing_left_is_no_composition);
  add("every-format-is-drawn-on", test_every_format_is_drawn_on);
  support::add_rows("/overlay-drawing/red-is-red-in", kReds,
                    test_red_is_red_in);
  add("it-agrees-with-gstreamer", test_it_agrees_with_gstreamer);
  support::add_rows("/overlay-drawing/a-hostile-buffer-is-refused", kHostile,
                    test_a_hostile_buffer_is_refused);
  return g_test_run();
}
