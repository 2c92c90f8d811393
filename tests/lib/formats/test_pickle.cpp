// SPDX-License-Identifier: LGPL-2.1-or-later
// What the pickle reader understands.
#include <glib.h>

#include <string>

#include "formats/pickle.h"
#include "lib/formats/pickle_bytes.h"
#include "support/rows.h"

using namespace support;
using torchclassify::Pickle;
using torchclassify::PickleKind;

namespace {

const std::string kOrigin = "the/file.pkl";

Pickle parse(const std::string& bytes) {
  return torchclassify::parse_pickle(std::as_bytes(std::span(bytes)), kOrigin);
}

std::string frame(const std::string& body) {
  return "\x95" + little(body.size(), 8) + body;
}

std::string short_text(const std::string& value) {
  return "\x8c" + little(value.size(), 1) + value;
}

struct Number {
  const char* name;
  std::string bytes;
  std::int64_t value;
};

const Number kNumbers[] = {
    {"one-byte", pickle("K\xFF"), 255},
    {"two-bytes", pickle("M\x01\x02"), 0x0201},
    {"four-bytes", pickle("J\xFE\xFF\xFF\xFF"), -2},
    {"long-of-no-bytes", pickle(std::string("\x8a\0", 2)), 0},
    {"long-of-one-byte", pickle("\x8a\x01\xFF"), -1},
    {"long-of-two-bytes", pickle(std::string("\x8a\x02\xFF\0", 4)), 255},
    {"long-of-eight-bytes", pickle(integer(INT64_MIN)), INT64_MIN},
    {"long-with-four-bytes-of-length",
     pickle("\x8b" + little(2, 4) + "\xE9\x03"), 1001},
    {"decimal", "I1001\n.", 1001},
    {"decimal-long", "L-9223372036854775808L\n.", INT64_MIN},
    {"the-last-of-two-on-the-memo",
     pickle("K\x07q\x01"
            "0h\x01"),
     7},
};

void test_number(gconstpointer data) {
  const auto& row = *static_cast<const Number*>(data);

  const Pickle pickle = parse(row.bytes);

  g_assert_true(pickle.root().kind == PickleKind::kInteger);
  g_assert_cmpint(pickle.root().integer, ==, row.value);
  g_assert_cmpuint(pickle.size(), ==, row.bytes.size());
}

struct Text {
  const char* name;
  std::string bytes;
  PickleKind kind;
};

const Text kTexts[] = {
    {"python-3-short", pickle(short_text("abc"), 4), PickleKind::kText},
    {"python-3", pickle(text("abc")), PickleKind::kText},
    {"python-3-long", pickle("\x8d" + little(3, 8) + "abc", 4),
     PickleKind::kText},
    {"python-2-short",
     pickle("U\x03"
            "abc"),
     PickleKind::kText},
    {"python-2", pickle("T" + little(3, 4) + "abc"), PickleKind::kText},
    {"protocol-0", "S'abc'\n.", PickleKind::kText},
    {"protocol-0-unicode", "Vabc\n.", PickleKind::kText},
    {"bytes-short",
     pickle("C\x03"
            "abc",
            3),
     PickleKind::kBytes},
    {"bytes", pickle("B" + little(3, 4) + "abc", 3), PickleKind::kBytes},
    {"bytes-long", pickle("\x8e" + little(3, 8) + "abc", 4),
     PickleKind::kBytes},
    {"bytearray", pickle("\x96" + little(3, 8) + "abc", 5), PickleKind::kBytes},
    {"in-a-frame", pickle(frame(short_text("abc")), 4), PickleKind::kText},
};

void test_text(gconstpointer data) {
  const auto& row = *static_cast<const Text*>(data);

  const Pickle pickle = parse(row.bytes);

  g_assert_true(pickle.root().kind == row.kind);
  g_assert_true(pickle.root().text == "abc");
}

// Two items, 1 and 2, each time.
struct Container {
  const char* name;
  std::string bytes;
  PickleKind kind;
};

const Container kContainers[] = {
    {"tuple", pickle("(K\x01K\x02t"), PickleKind::kTuple},
    {"tuple-of-two", pickle("K\x01K\x02\x86"), PickleKind::kTuple},
    {"list",
     pickle("](K\x01K\x02"
            "e"),
     PickleKind::kList},
    {"list-by-and-by",
     pickle("]K\x01"
            "aK\x02"
            "a"),
     PickleKind::kList},
    {"list-of-protocol-0", "(I1\nI2\nl.", PickleKind::kList},
    {"set", pickle("\x8f(K\x01K\x02\x90", 4), PickleKind::kList},
    {"frozenset", pickle("(K\x01K\x02\x91", 4), PickleKind::kList},
    {"dict", pickle("}(K\x01K\x02u"), PickleKind::kDict},
    {"dict-by-and-by", pickle("}K\x01K\x02s"), PickleKind::kDict},
    {"dict-of-protocol-0", "(I1\nI2\nd.", PickleKind::kDict},
    {"ordered-dict", pickle(ordered_dict() + "(K\x01K\x02u"),
     PickleKind::kDict},
    {"ordered-dict-of-python-2",
     pickle(call(global("collections", "OrderedDict"),
                 {list({list({"K\x01", "K\x02"})})})),
     PickleKind::kDict},
    {"ordered-dict-with-attributes",
     pickle(ordered_dict() + "K\x01K\x02s" + dict({{"_metadata", "N"}}) + "b"),
     PickleKind::kDict},
    {"size", pickle(call(global("torch", "Size"), {"K\x01K\x02\x86"})),
     PickleKind::kTuple},
};

void test_container(gconstpointer data) {
  const auto& row = *static_cast<const Container*>(data);

  const Pickle pickle = parse(row.bytes);

  g_assert_true(pickle.root().kind == row.kind);
  g_assert_cmpuint(pickle.root().items.size(), ==, 2);
  g_assert_cmpint(pickle.root().items[0]->integer, ==, 1);
  g_assert_cmpint(pickle.root().items[1]->integer, ==, 2);
}

void test_big_integer(void) {
  const std::string magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

  const Pickle binary = parse(pickle("\x8a\x0a" + magic));
  const std::string text = "L119547037146038801333356L\n.";
  const Pickle decimal = parse(text);

  g_assert_true(binary.root().kind == PickleKind::kBigInteger);
  g_assert_true(decimal.root().kind == PickleKind::kBigInteger);
}

void test_call_is_recorded(void) {
  const std::string bytes =
      pickle(call(global("torch", "device"), {text("cpu")}));

  const Pickle pickle = parse(bytes);

  g_assert_true(pickle.root().kind == PickleKind::kCall);
  g_assert_true(pickle.root().items[0]->text == "torch.device");
  g_assert_true(pickle.root().items[1]->items[0]->text == "cpu");
}

void test_persistent_id(void) {
  const std::string bytes = pickle("]K\x07QaK\x08Qa");

  const Pickle pickle = parse(bytes);

  g_assert_cmpuint(pickle.persistent_ids().size(), ==, 2);
  g_assert_true(pickle.persistent_ids()[1] == pickle.root().items[1]);
  g_assert_cmpint(pickle.persistent_ids()[1]->items[0]->integer, ==, 8);
}

void test_find(void) {
  const std::string bytes =
      pickle("}(" + text("a") + "K\x01" + "K\x05K\x06" + text("a") + "K\x02u");

  const Pickle pickle = parse(bytes);

  g_assert_cmpint(Pickle::find(pickle.root(), "a")->integer, ==, 2);
  g_assert_null(Pickle::find(pickle.root(), "b"));
}

void test_stops_at_the_end(void) {
  const std::string bytes = pickle("K\x01") + "what comes behind";

  const Pickle pickle = parse(bytes);

  g_assert_cmpuint(pickle.size(), ==, 5);
}

// A list that has itself as its only item, as pickles of Python have it.
void test_cycle(void) {
  const std::string bytes = pickle(
      "]q\x01h\x01"
      "a");

  const Pickle pickle = parse(bytes);

  g_assert_true(pickle.root().items[0] == &pickle.root());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_rows("/pickle/a-number-is-read", kNumbers, test_number);
  add_rows("/pickle/a-text-is-read", kTexts, test_text);
  add_rows("/pickle/a-container-is-read", kContainers, test_container);
  g_test_add_func("/pickle/an-integer-over-64-bits-is-kept-as-written",
                  test_big_integer);
  g_test_add_func("/pickle/an-allowed-call-is-recorded-and-not-made",
                  test_call_is_recorded);
  g_test_add_func("/pickle/persistent-ids-are-listed", test_persistent_id);
  g_test_add_func("/pickle/the-last-of-equal-keys-is-found", test_find);
  g_test_add_func("/pickle/what-follows-a-pickle-is-left-alone",
                  test_stops_at_the_end);
  g_test_add_func("/pickle/a-list-that-contains-itself-is-read", test_cycle);
  return g_test_run();
}
