// SPDX-License-Identifier: LGPL-2.1-or-later
// The stack machine that a pickle is a program for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_cursor.h"
#include "formats/pickle.h"
#include "torchclassify/error.h"

namespace torchclassify {

// Runs one pickle; then its work is done. No opcode takes more time or memory
// than the values that it pops and pushes, and all of them are counted.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::string& origin);

  Pickle run();

 private:
  using Values = std::vector<const PickleValue*>;

  // The opcodes by what they are about; false: not one of these.
  void step(char opcode);
  bool step_number(char opcode);
  bool step_text(char opcode);
  bool step_container(char opcode);
  bool step_stack(char opcode);
  bool step_memo(char opcode);
  bool step_object(char opcode);

  // Opcodes that take more than a line.
  void push_long(std::uint64_t size);          // bytes, least first
  void push_decimal(std::string_view digits);  // protocols 0 and 1
  void push_quoted(std::string_view text);     // protocol 0
  void push_global(std::string_view module, std::string_view name);
  void push_persistent_id();
  void append(const Values& items);
  void set_items(const Values& items);
  void reduce();
  void build();
  void call(const PickleValue& global, const PickleValue& arguments);
  void push_ordered_dict(const PickleValue& arguments);
  void frame();

  // The machine: pickle_machine.cpp.
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const;
  [[noreturn]] void refuse_object(const std::string& what) const;
  std::string_view line();  // up to the next line feed, which it takes
  std::string_view take_text(std::uint64_t size);
  PickleValue& push(PickleKind kind);
  void push_integer(std::int64_t value);
  void push_text(PickleKind kind, std::string_view text);
  void push_items(PickleKind kind, Values items);
  void push_again(PickleValue* value);
  PickleValue& top();
  PickleValue& pop();
  Values pop_count(std::size_t count);
  void mark();
  Values pop_to_mark();
  void put(std::uint64_t key);
  void get(std::uint64_t key);
  void charge(std::size_t items);  // counts what goes into a container

  template <std::unsigned_integral Number>
  Number number() {
    return cursor_.number<Number>();
  }

  const std::string& origin_;
  const std::span<const std::byte> bytes_;
  ByteCursor cursor_;
  Pickle pickle_;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::map<std::uint64_t, PickleValue*> memo_;
  std::size_t charged_ = 0;  // items
};

}  // namespace torchclassify
