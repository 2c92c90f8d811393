// SPDX-License-Identifier: LGPL-2.1-or-later
// Labels as lines of text, and the colours of classes.
#include <glib.h>

#include <set>

#include "colors.h"
#include "support/rows.h"
#include "text.h"

namespace {

using namespace torchclassify::overlay;

struct Text {
  const char* name;
  const char* label;
  const char* drawn;
};
constexpr Text kTexts[] = {
    {"plain", "sports car", "sports car"},
    {"markup", "<b>x</b> & &amp; </span>", "<b>x</b> & &amp; </span>"},
    {"percent-signs", "%s%n", "%s%n"},
    {"line-ends", "a\nb\r\nc\u2028d\u2029e", "a b  c d e"},
    {"control-characters", "a\x01\x1b[31m\x7f\u009b", "a  [31m  "},
    {"changes-of-direction", "a\u202eb\u2066c\u2069", "a b c "},
    {"hebrew", "כלב רועה", "כלב רועה"},
    {"arabic-with-joiner", "می\u200cخواهم", "می\u200cخواهم"},
    {"chinese", "高速公路", "高速公路"},
    {"not-utf-8", "a\xff\xc3", "a\ufffd\ufffd"},
    {"empty", "", ""},
};

void test_a_label_becomes_one_line(gconstpointer data) {
  const auto& c = *static_cast<const Text*>(data);

  const std::string text = drawable(c.label);

  g_assert_cmpstr(text.c_str(), ==, c.drawn);
}

void test_a_zero_byte_ends_nothing(void) {
  const std::string text = drawable(std::string("a\0b", 3));

  g_assert_true(g_utf8_validate(text.data(), text.size(), nullptr));
  g_assert_true(text.back() == 'b');
}

void test_a_long_label_is_cut_between_characters(void) {
  std::string label;
  for (int i = 0; i < 4096; ++i) label += "界";

  const std::string text = drawable(label);

  g_assert_cmpint(g_utf8_strlen(text.c_str(), -1), ==, kMostCharacters + 1);
  g_assert_true(g_str_has_suffix(text.c_str(), "界\u2026"));
}

// On record: another palette or hash would give everybody other colours.
void test_colors_are_the_same_in_every_run(void) {
  g_assert_cmphex(color_of("person"), ==, 0xfff032e6);
  g_assert_cmphex(color_of("car"), ==, 0xff469990);
  g_assert_cmphex(color_of(""), ==, 0xfff58231);
}

void test_common_classes_have_colors_of_their_own(void) {
  std::set<Color> colors;
  for (const char* name : {"car", "truck", "bus", "person", "bicycle"})
    colors.insert(color_of(name));

  g_assert_cmpuint(colors.size(), ==, 5);
}

struct Ground {
  const char* name;
  Color ground;
  Color text;
};
constexpr Ground kGrounds[] = {
    {"black", 0xff000000, 0xffffffff},  {"white", 0xffffffff, 0xff000000},
    {"yellow", 0xffffff00, 0xff000000}, {"navy", 0xff000080, 0xffffffff},
    {"green", 0xff00ff00, 0xff000000},  {"maroon", 0xff800000, 0xffffffff},
};

void test_text_stands_out_on(gconstpointer data) {
  const auto& c = *static_cast<const Ground*>(data);

  g_assert_cmphex(readable_on(c.ground), ==, c.text);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/overlay-text/a-label-becomes-one-line", kTexts,
                    test_a_label_becomes_one_line);
  g_test_add_func("/overlay-text/a-zero-byte-ends-nothing",
                  test_a_zero_byte_ends_nothing);
  g_test_add_func("/overlay-text/a-long-label-is-cut-between-characters",
                  test_a_long_label_is_cut_between_characters);
  g_test_add_func("/overlay-text/colors-are-the-same-in-every-run",
                  test_colors_are_the_same_in_every_run);
  g_test_add_func("/overlay-text/common-classes-have-colors-of-their-own",
                  test_common_classes_have_colors_of_their_own);
  support::add_rows("/overlay-text/text-stands-out-on", kGrounds,
                    test_text_stands_out_on);
  return g_test_run();
}
