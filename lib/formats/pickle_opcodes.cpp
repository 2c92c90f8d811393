// SPDX-License-Identifier: LGPL-2.1-or-later
// The opcodes for plain data. Language: Lib/pickletools.py of CPython.
#include <charconv>

#include "formats/pickle_machine.h"
#include "formats/strict_json.h"

namespace torchclassify {
namespace {

constexpr int kHighestProtocol = 5;

}  // namespace

void PickleMachine::step(char opcode) {
  if (!step_memo(opcode) && !step_number(opcode) && !step_text(opcode) &&
      !step_container(opcode) && !step_stack(opcode) && !step_object(opcode))
    refuse("expected an opcode of a pickle at byte " +
           std::to_string(cursor_.position() - 1) + ", got " +
           std::to_string(static_cast<unsigned char>(opcode)));
}

bool PickleMachine::step_number(char opcode) {
  switch (opcode) {
    case 'N':  // NONE
      push(PickleKind::kNone);
      return true;
    case '\x88':  // NEWTRUE
    case '\x89':  // NEWFALSE
      push(PickleKind::kBool).integer = opcode == '\x88';
      return true;
    case 'J':  // BININT
      push_integer(static_cast<std::int32_t>(number<std::uint32_t>()));
      return true;
    case 'K':  // BININT1
      push_integer(number<std::uint8_t>());
      return true;
    case 'M':  // BININT2
      push_integer(number<std::uint16_t>());
      return true;
    case '\x8a':  // LONG1
      push_long(number<std::uint8_t>());
      return true;
    case '\x8b':  // LONG4
      push_long(number<std::uint32_t>());
      return true;
    case 'I':  // INT
    case 'L':  // LONG
      push_decimal(line());
      return true;
    case 'F':  // FLOAT
      line();
      push(PickleKind::kFloat);
      return true;
    case 'G':  // BINFLOAT
      cursor_.take(8);
      push(PickleKind::kFloat);
      return true;
    default:
      return false;
  }
}

void PickleMachine::push_long(std::uint64_t size) {
  const std::string_view digits = take_text(size);
  if (digits.size() > sizeof(std::uint64_t)) {
    push_text(PickleKind::kBigInteger, digits);
    return;
  }
  // All ones where the number is negative.
  std::uint64_t value =
      !digits.empty() && digits.back() & 0x80 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = digits.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(digits[i - 1]);
  push_integer(static_cast<std::int64_t>(value));
}

void PickleMachine::push_decimal(std::string_view digits) {
  if (digits == "00" || digits == "01") {  // how protocol 1 writes bools
    push(PickleKind::kBool).integer = digits == "01";
    return;
  }
  if (digits.ends_with('L'))
    digits.remove_suffix(1);
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value);
  if (last != end || error == std::errc::invalid_argument)
    refuse("expected a whole number in a pickle, got " + quoted_text(digits));
  if (error == std::errc::result_out_of_range)
    push_text(PickleKind::kBigInteger, digits);
  else
    push_integer(value);
}

bool PickleMachine::step_text(char opcode) {
  switch (opcode) {
    case 'U':     // SHORT_BINSTRING
    case '\x8c':  // SHORT_BINUNICODE
      push_text(PickleKind::kText, take_text(number<std::uint8_t>()));
      return true;
    case 'T':  // BINSTRING
    case 'X':  // BINUNICODE
      push_text(PickleKind::kText, take_text(number<std::uint32_t>()));
      return true;
    case '\x8d':  // BINUNICODE8
      push_text(PickleKind::kText, take_text(number<std::uint64_t>()));
      return true;
    case 'C':  // SHORT_BINBYTES
      push_text(PickleKind::kBytes, take_text(number<std::uint8_t>()));
      return true;
    case 'B':  // BINBYTES
      push_text(PickleKind::kBytes, take_text(number<std::uint32_t>()));
      return true;
    case '\x8e':  // BINBYTES8
    case '\x96':  // BYTEARRAY8
      push_text(PickleKind::kBytes, take_text(number<std::uint64_t>()));
      return true;
    case 'S':  // STRING
      push_quoted(line());
      return true;
    case 'V': {  // UNICODE
      const std::string_view text = line();
      if (text.find('\\') != text.npos)
        refuse("expected text without escapes in a pickle, got " +
                   quoted_text(text),
               ErrorCode::kUnsupported);
      push_text(PickleKind::kText, text);
      return true;
    }
    default:
      return false;
  }
}

void PickleMachine::push_quoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '\'' || text.front() == '"');
  if (!quoted || text.find('\\') != text.npos)
    refuse("expected quoted text without escapes in a pickle, got " +
               quoted_text(text),
           ErrorCode::kUnsupported);
  push_text(PickleKind::kText, text.substr(1, text.size() - 2));
}

bool PickleMachine::step_container(char opcode) {
  switch (opcode) {
    case ')':  // EMPTY_TUPLE
      push(PickleKind::kTuple);
      return true;
    case '\x85':  // TUPLE1
    case '\x86':  // TUPLE2
    case '\x87':  // TUPLE3
      push_items(PickleKind::kTuple,
                 pop_count(static_cast<std::size_t>(opcode - '\x84')));
      return true;
    case 't':  // TUPLE
      push_items(PickleKind::kTuple, pop_to_mark());
      return true;
    case ']':     // EMPTY_LIST
    case '\x8f':  // EMPTY_SET
      push(PickleKind::kList);
      return true;
    case 'l':     // LIST
    case '\x91':  // FROZENSET
      push_items(PickleKind::kList, pop_to_mark());
      return true;
    case 'a':  // APPEND
      append(pop_count(1));
      return true;
    case 'e':     // APPENDS
    case '\x90':  // ADDITEMS
      append(pop_to_mark());
      return true;
    case '}':  // EMPTY_DICT
      push(PickleKind::kDict);
      return true;
    case 'd': {  // DICT
      const Values items = pop_to_mark();
      push(PickleKind::kDict);
      set_items(items);
      return true;
    }
    case 's':  // SETITEM
      set_items(pop_count(2));
      return true;
    case 'u':  // SETITEMS
      set_items(pop_to_mark());
      return true;
    default:
      return false;
  }
}

void PickleMachine::append(const Values& items) {
  PickleValue& list = top();
  if (list.kind != PickleKind::kList)
    refuse("expected a list to append to in a pickle, got something else");
  charge(items.size());
  list.items.insert(list.items.end(), items.begin(), items.end());
}

void PickleMachine::set_items(const Values& items) {
  PickleValue& dict = top();
  if (dict.kind != PickleKind::kDict || items.size() % 2 != 0)
    refuse("expected a dict and pairs to set in a pickle, got something else");
  charge(items.size());
  dict.items.insert(dict.items.end(), items.begin(), items.end());
}

bool PickleMachine::step_stack(char opcode) {
  switch (opcode) {
    case '\x80':  // PROTO
      if (const int protocol = number<std::uint8_t>();
          protocol > kHighestProtocol)
        refuse("expected a pickle of protocol " +
                   std::to_string(kHighestProtocol) + " or less, got " +
                   std::to_string(protocol),
               ErrorCode::kUnsupported);
      return true;
    case '\x95':  // FRAME: a hint for reading ahead
      frame();
      return true;
    case '(':  // MARK
      mark();
      return true;
    case '0':  // POP
      pop();
      return true;
    case '1':  // POP_MARK
      pop_to_mark();
      return true;
    case '2':  // DUP
      push_again(&top());
      return true;
    default:
      return false;
  }
}

void PickleMachine::frame() {
  if (const auto size = number<std::uint64_t>(); size > cursor_.remaining())
    refuse("expected a pickle's frame within the file, got one of " +
           std::to_string(size) + " bytes");
}

bool PickleMachine::step_memo(char opcode) {
  switch (opcode) {
    case 'q':  // BINPUT
      put(number<std::uint8_t>());
      return true;
    case 'r':  // LONG_BINPUT
      put(number<std::uint32_t>());
      return true;
    case '\x94':  // MEMOIZE
      put(memo_.size());
      return true;
    case 'h':  // BINGET
      get(number<std::uint8_t>());
      return true;
    case 'j':  // LONG_BINGET
      get(number<std::uint32_t>());
      return true;
    case 'p':    // PUT
    case 'g': {  // GET
      push_decimal(line());
      const PickleValue& key = pop();
      if (key.kind != PickleKind::kInteger || key.integer < 0)
        refuse("expected a number for a pickle's memo, got something else");
      const auto number = static_cast<std::uint64_t>(key.integer);
      opcode == 'p' ? put(number) : get(number);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace torchclassify
