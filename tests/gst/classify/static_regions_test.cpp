// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of the property static-regions.
#include "classify/static_regions.h"

#include <glib.h>

#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using namespace torchclassify;

// "NAME x,y WIDTHxHEIGHT" of each on a frame of 200x100; "-" where nothing is.
std::string boxes_of(const std::string& text) {
  std::string boxes;
  for (const StaticRegion& region : parse_static_regions(text)) {
    boxes += boxes.empty() ? "" : "; ";
    boxes += region.name + " ";
    const auto box = region.box(200, 100);
    if (!box) {
      boxes += "-";
      continue;
    }
    g_autofree char* place =
        g_strdup_printf("%d,%d %dx%d", box->x, box->y, box->width, box->height);
    boxes += place;
  }
  return boxes;
}

struct Text {
  const char* name;
  const char* text;
  const char* expected;
};
constexpr Text kTexts[] = {
    {"nothing", "", ""},
    {"spaces", " \t\n ", ""},
    {"semicolons", " ; ;; ", ""},
    {"pixels", "gate=10,20,30,40", "gate 10,20 30x40"},
    {"parts-of-pixels", "gate=10.4,20.6,30,40", "gate 10,21 30x40"},
    {"shares", "gate=0.5,0.25,0.5,0.75", "gate 100,25 100x75"},
    {"all-of-the-frame", "all=0,0,1,1", "all 0,0 200x100"},
    // Not all at most 1.
    {"pixels-with-a-share-among-them", "gate=0.5,0.5,2,1", "gate 1,1 2x1"},
    {"several", "a=0,0,2,2;b=0,0,0.5,0.5", "a 0,0 2x2; b 0,0 100x50"},
    {"a-last-semicolon", "a=0,0,2,2;", "a 0,0 2x2"},
    {"spaces-everywhere", " a b = 0 , 0 ,\t2,2 ;\n c=1,1,2,2 ",
     "a b 0,0 2x2; c 1,1 2x2"},
    {"letters-of-any-script", "Einfahrt Süd=0,0,2,2", "Einfahrt Süd 0,0 2x2"},
    {"bytes-of-no-script", "a\xff=0,0,2,2", "a\xef\xbf\xbd 0,0 2x2"},
    {"exponents", "a=1e1,0,2e1,5e0", "a 10,0 20x5"},
    {"over-the-edge", "a=190,90,50,50", "a 190,90 10x10"},
    {"outside", "a=300,0,50,50", "a -"},
    {"huge", "a=0,0,1e300,1e300", "a 0,0 200x100"},
    {"a-share-of-no-pixel", "a=0,0,0.001,0.001", "a -"},
};

void test_text_names_regions(gconstpointer data) {
  const auto& c = *static_cast<const Text*>(data);

  const std::string boxes = boxes_of(c.text);

  g_assert_cmpstr(boxes.c_str(), ==, c.expected);
}

struct Refused {
  const char* name;
  const char* text;
  const char* word;   // of the message
  const char* entry;  // that it quotes
};
constexpr Refused kRefused[] = {
    {"a-name-alone", "gate", "a name before =", "\"gate\""},
    {"numbers-alone", "1,2,3,4", "a name before =", "\"1,2,3,4\""},
    {"no-name", "=1,2,3,4", "a name before =", "\"=1,2,3,4\""},
    {"a-name-of-spaces", "  =1,2,3,4", "a name before =", "\"=1,2,3,4\""},
    {"no-numbers", "a=", "four numbers", "\"a=\""},
    {"three-numbers", "a=1,2,3", "four numbers", "\"a=1,2,3\""},
    {"five-numbers", "a=1,2,3,4,5", "four numbers", "\"a=1,2,3,4,5\""},
    {"a-number-missing", "a=1,,3,4", "four numbers", "\"a=1,,3,4\""},
    {"a-word", "a=1,2,three,4", "four numbers", "\"a=1,2,three,4\""},
    {"a-unit", "a=1,2,3,4px", "four numbers", "\"a=1,2,3,4px\""},
    {"two-equals", "a=b=1,2,3,4", "four numbers", "\"a=b=1,2,3,4\""},
    {"a-negative-place", "a=-1,2,3,4", "0 or more", "\"a=-1,2,3,4\""},
    {"a-negative-size", "a=1,2,-3,4", "0 or more", "\"a=1,2,-3,4\""},
    {"nan", "a=1,2,nan,4", "four numbers", "\"a=1,2,nan,4\""},
    {"infinity", "a=1,2,inf,4", "four numbers", "\"a=1,2,inf,4\""},
    {"a-number-too-large", "a=1,2,1e999,4", "four numbers",
     "\"a=1,2,1e999,4\""},
    {"no-width", "a=1,2,0,4", "above 0", "\"a=1,2,0,4\""},
    {"no-height", "a=1,2,3,0", "above 0", "\"a=1,2,3,0\""},
    {"a-name-that-is-taken", "a=1,2,3,4;a=5,6,7,8", "a name for each",
     "\"a=5,6,7,8\""},
    {"the-name-of-frames", "full-frame=0,0,1,1", "other than full-frame",
     "\"full-frame=0,0,1,1\""},
    {"the-name-of-objects", "object=0,0,1,1", "other than full-frame",
     "\"object=0,0,1,1\""},
    {"the-second-of-two", "a=0,0,1,1;b", "a name before =", "\"b\""},
    {"commas-for-semicolons", "a=0,0,1,1,b=0,0,1,1", "four numbers",
     "\"a=0,0,1,1,b=0,0,1,1\""},
};

void test_bad_text_is_refused(gconstpointer data) {
  const auto& c = *static_cast<const Refused*>(data);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { parse_static_regions(c.text); },
      "expected static-regions of the form", c.word, c.entry);
}

std::string many(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += std::to_string(i) + "=0,0,1,1;";
  return text;
}

void test_there_are_at_most_64(void) {
  g_assert_cmpuint(parse_static_regions(many(64)).size(), ==, 64);
  support::expect_error(
      ErrorCode::kInvalidArgument, [] { parse_static_regions(many(65)); },
      "at most 64", "\"64=0,0,1,1\"");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/static-regions/text-names-regions", kTexts,
                    test_text_names_regions);
  support::add_rows("/static-regions/bad-text-is-refused", kRefused,
                    test_bad_text_is_refused);
  g_test_add_func("/static-regions/there-are-at-most-64",
                  test_there_are_at_most_64);
  return g_test_run();
}
