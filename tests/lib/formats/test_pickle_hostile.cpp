// SPDX-License-Identifier: LGPL-2.1-or-later
// What the pickle reader refuses to do, and what cannot exhaust it.
#include <glib.h>

#include <string>

#include "formats/pickle.h"
#include "lib/formats/pickle_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"

using namespace support;
using torchclassify::ErrorCode;
using torchclassify::Pickle;

namespace {

const std::string kOrigin = "the/file.pkl";

Pickle parse(const std::string& bytes) {
  return torchclassify::parse_pickle(std::as_bytes(std::span(bytes)), kOrigin);
}

std::string repeated(const std::string& piece, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += piece;
  return all;
}

std::string short_text(const std::string& value) {
  return "\x8c" + little(value.size(), 1) + value;
}

struct Hostile {
  const char* name;
  std::string bytes;
  const char* word;
};

const std::string kSystem = global("os", "system");
const std::string kShell = tuple({text("touch canary")});
const std::string kAllowed = global("collections", "OrderedDict");

const Hostile kObjects[] = {
    {"global", pickle(kSystem), "os.system"},
    {"global-called", pickle(kSystem + kShell + "R"), "os.system"},
    {"global-of-protocol-0", "cos\nsystem\n(S'touch canary'\ntR.", "os.system"},
    {"global-by-texts",
     pickle(short_text("os") + short_text("system") + "\x93", 4), "os.system"},
    {"global-by-texts-of-the-memo",
     pickle(short_text("os") + "\x94" + short_text("system") + "\x94" + "00" +
                std::string("h\0h\x01\x93", 5),
            4),
     "os.system"},
    {"global-with-a-path",
     pickle(short_text("torch") + short_text("_utils.os.system") + "\x93", 4),
     "os.system"},
    {"global-split-elsewhere", pickle(global("os.system", "")), "os.system."},
    {"eval", pickle(global("builtins", "eval")), "builtins.eval"},
    {"eval-of-python-2", pickle(global("__builtin__", "eval")), "eval"},
    {"getattr", pickle(global("builtins", "getattr")), "getattr"},
    {"import", pickle(global("builtins", "__import__")), "__import__"},
    {"torch-load", pickle(global("torch", "load")), "torch.load"},
    {"torch-module", pickle(global("torch.nn.modules.linear", "Linear")),
     "Linear"},
    {"reconstructor", pickle(global("copy_reg", "_reconstructor")),
     "_reconstructor"},
    {"numpy-scalar", pickle(global("numpy.core.multiarray", "scalar")),
     "numpy"},
    {"a-longer-name-than-an-allowed-one",
     pickle(global("collections", "OrderedDict2")), "OrderedDict2"},
    {"an-allowed-name-with-a-space",
     pickle(global("collections ", "OrderedDict")), "global"},
    {"inst", "(S'touch canary'\nios\nsystem\n.", "os.system"},
    {"inst-of-an-allowed-class", "(icollections\nOrderedDict\n.", "object"},
    {"obj", pickle("(" + kAllowed + "o"), "object"},
    {"newobj", pickle(kAllowed + ")\x81"), "object"},
    {"newobj-ex", pickle(kAllowed + ")}\x92", 4), "object"},
    {"ext-1", pickle("\x82\x01"), "by a number"},
    {"ext-2", pickle("\x83\x01\x01"), "by a number"},
    {"ext-4", pickle("\x84\x01\x01\x01\x01"), "by a number"},
    {"next-buffer", pickle("\x97", 5), "buffer"},
    {"readonly-buffer", pickle("N\x98", 5), "buffer"},
    {"build-of-a-number", pickle("K\x01}b"), "state"},
    {"build-of-a-list", pickle("]}b"), "state"},
    {"build-of-a-call",
     pickle(call(global("torch", "device"), {text("cpu")}) + "}b"), "state"},
    {"call-of-a-type", pickle(global("torch", "FloatStorage") + ")R"),
     "torch.FloatStorage"},
    {"call-of-a-text", pickle(text("os.system") + ")R"), "no global"},
    {"call-of-a-call",
     pickle(call(global("torch", "device"), {text("cpu")}) + ")R"),
     "no global"},
    {"in-the-attributes-of-a-dict", pickle(ordered_dict() + kSystem + "b"),
     "os.system"},
    {"thrown-away-at-once", pickle(kSystem + "0N"), "os.system"},
    {"protocol-6", pickle("N", 6), "protocol 5"},
    {"text-with-escapes", "S'\\x41'\n.", "escapes"},
    {"unicode-with-escapes", "V\\u0041\n.", "escapes"},
    {"text-without-quotes", "Sabc\n.", "quoted"},
};

void test_object(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kUnsupported, [&] { parse(row.bytes); }, row.word,
      kOrigin.c_str());
}

const Hostile kMalformed[] = {
    {"empty", "", "the end"},
    {"no-stop", "\x80\x02N", "the end"},
    {"nothing-on-the-stack", pickle(""), "one value"},
    {"two-values-on-the-stack", pickle("NN"), "one value"},
    {"a-mark-left", pickle("N("), "one value"},
    {"an-unknown-opcode", pickle("\xFF"), "opcode"},
    {"a-null-opcode", pickle(std::string(1, '\0')), "opcode"},
    {"pop-of-nothing", pickle("0N"), "got none"},
    {"pop-past-a-mark", pickle("N(0"), "got none"},
    {"dup-of-nothing", pickle("2"), "got none"},
    {"tuple-without-a-mark", pickle("Nt"), "mark"},
    {"pop-mark-without-a-mark", pickle("N1"), "mark"},
    {"tuple-of-three-out-of-two", pickle("NN\x87"), "got none"},
    {"append-to-nothing", pickle("Na"), "got none"},
    {"append-to-a-tuple", pickle(")Na"), "list"},
    {"append-to-a-dict", pickle("}Na"), "list"},
    {"items-of-a-list", pickle("]NNs"), "dict"},
    {"items-of-a-call",
     pickle(call(global("torch", "device"), {text("cpu")}) + "NNs"), "dict"},
    {"a-key-without-a-value", pickle("}(Nu"), "pairs"},
    {"a-dict-of-three", "(I1\nI2\nI3\nd.", "pairs"},
    {"get-of-nothing", pickle("h\x05"), "memo"},
    {"get-of-a-far-number", pickle("j\xFF\xFF\xFF\xFF"), "memo"},
    {"get-of-text", "gx\n.", "whole number"},
    {"put-of-nothing", pickle("q\x01N"), "got none"},
    {"put-at-a-negative-number", "Np-1\n.", "memo"},
    {"put-at-a-huge-number", "Np99999999999999999999\n.", "memo"},
    {"reduce-of-one", pickle(kAllowed + "R"), "got none"},
    {"reduce-with-a-list", pickle(kAllowed + "]R"), "tuple"},
    {"ordered-dict-of-a-number", pickle(call(kAllowed, {"K\x01"})), "list"},
    {"ordered-dict-of-two", pickle(call(kAllowed, {"]", "]"})), "list"},
    {"ordered-dict-of-singles", pickle(call(kAllowed, {list({list({"N"})})})),
     "pairs"},
    {"size-of-a-number", pickle(call(global("torch", "Size"), {"K\x01"})),
     "tuple"},
    {"global-without-a-line-end", "cos", "line"},
    {"global-of-numbers", pickle("K\x01K\x02\x93", 4), "names"},
    {"integer-of-letters", "Iabc\n.", "whole number"},
    {"integer-with-a-tail", "I12x\n.", "whole number"},
    {"integer-of-nothing", "I\n.", "whole number"},
    {"text-past-the-end",
     pickle("X\xFF\xFF\xFF\x7F"
            "abc"),
     "more bytes"},
    {"text-of-64-bits-past-the-end",
     pickle("\x8d" + little(UINT64_MAX, 8) + "abc", 4), "more bytes"},
    {"bytes-of-64-bits-past-the-end",
     pickle("\x8e" + little(UINT64_MAX - 8, 8) + "abc", 4), "more bytes"},
    {"long-past-the-end",
     pickle("\x8b\xFF\xFF\xFF\x7F"
            "abc"),
     "more bytes"},
    {"long-of-a-negative-length",
     pickle("\x8b\xFF\xFF\xFF\xFF"
            "abc"),
     "more bytes"},
    {"frame-past-the-end", pickle("\x95" + little(UINT64_MAX, 8) + "N", 4),
     "frame"},
};

void test_malformed(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kBadData, [&] { parse(row.bytes); }, row.word,
      kOrigin.c_str());
}

struct Bomb {
  const char* name;
  std::string (*make)();
  const char* word;  // null: it is read
};

constexpr int kMany = 1'100'000;

// A tuple of ten times the tuple before it, a hundred times over.
std::string billion_laughs() {
  std::string body = ")";
  for (int i = 0; i < 100; ++i)
    body +=
        "q\x01"
        "0(" +
        repeated("h\x01", 10) + "t";
  return pickle(body);
}

// A list of a thousand pairs, made into a dict again and again.
std::string dicts_of_one_list() {
  std::string body = kAllowed + "q\x01" + "0](" +
                     repeated(std::string("NN\x86"), 10'000) + "eq\x02" + "0]";
  return pickle(body + repeated("h\x01h\x02\x85Ra", 10'000));
}

const Bomb kBombs[] = {
    {"shared-tuples", billion_laughs, nullptr},
    {"nested-lists",
     [] {
       return pickle("](" + repeated("](", 100'000) + repeated("e", 100'001));
     },
     nullptr},
    {"nested-tuples", [] { return pickle("N" + repeated("\x85", 100'000)); },
     nullptr},
    {"one-list-made-into-many-dicts", dicts_of_one_list, "items"},
    {"values", [] { return pickle(repeated("N0", kMany) + "N"); }, "values"},
    {"stacked-values", [] { return pickle("N" + repeated("2", kMany)); },
     "stack"},
    {"marks", [] { return pickle(repeated("(", kMany)); }, "marks"},
    {"memo", [] { return pickle("N" + repeated("\x94", kMany), 4); }, "memo"},
    {"one-huge-tuple-again-and-again",
     [] {
       return pickle("(" + repeated("N", 500'000) + "tq\x01" + "0" + "]" +
                     repeated(global("torch", "Size") + "h\x01\x85Ra", 100));
     },
     "items"},
    {"64-MiB-of-text", [] { return pickle(text(std::string(64 << 20, 'x'))); },
     "more bytes"},
};

void test_bomb(gconstpointer data) {
  const auto& row = *static_cast<const Bomb*>(data);
  const std::string bytes = row.make();

  if (row.word)
    expect_error(
        ErrorCode::kBadData, [&] { parse(bytes); }, row.word);
  else
    parse(bytes);
}

std::string everything() {
  return pickle(
      dict({{"a", tensor(storage("0", 2), 0, integers({2}), integers({1}))},
            {"b", list({"K\x01", "M\x01\x02", "G12345678"})}}) +
      "q\x05" + "0h\x05");
}

void test_every_truncation(void) {
  const std::string whole = everything();
  for (std::size_t size = 0; size < whole.size(); ++size)
    expect_error(
        ErrorCode::kBadData, [&] { parse(whole.substr(0, size)); },
        kOrigin.c_str());
}

void test_every_changed_byte(void) {
  const std::string whole = everything();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      try {
        const Pickle pickle = parse(changed);
        g_assert_cmpuint(pickle.size(), <=, changed.size());
      } catch (const torchclassify::Error&) {
      }
    }
  }
}

void test_one_line_of_complaint(void) {
  const std::string bytes =
      pickle(text("os\nHTTP/1.1" + std::string(5000, 'x')) +
                 text("a\x1B[31m\xFF") + "\x93",
             4);

  try {
    parse(bytes);
  } catch (const torchclassify::Error& error) {
    const std::string message = error.what();
    g_assert_true(message.find('\n') == message.npos);
    g_assert_true(message.find('\x1B') == message.npos);
    g_assert_cmpuint(message.size(), <, 400);
    return;
  }
  g_assert_not_reached();
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_rows("/pickle-hostile/nothing-is-imported-called-or-built", kObjects,
           test_object);
  add_rows("/pickle-hostile/a-malformed-pickle-is-refused", kMalformed,
           test_malformed);
  add_rows("/pickle-hostile/a-bomb-does-not-go-off", kBombs, test_bomb);
  g_test_add_func("/pickle-hostile/every-truncation-is-refused",
                  test_every_truncation);
  g_test_add_func("/pickle-hostile/every-changed-byte-is-read-or-refused",
                  test_every_changed_byte);
  g_test_add_func("/pickle-hostile/a-hostile-name-stays-one-line-of-complaint",
                  test_one_line_of_complaint);
  return g_test_run();
}
