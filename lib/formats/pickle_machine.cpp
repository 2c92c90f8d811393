// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/pickle_machine.h"

#include <algorithm>
#include <utility>

namespace torchclassify {
namespace {

// A tensor in a state dict takes some 150 bytes and 25 values, and the largest
// models have a few thousand of them, four times that with the optimizer's.
constexpr std::size_t kMaxBytes = 64 << 20;
constexpr std::size_t kMaxValues = 1 << 20;  // made, stacked, or in the memo
constexpr std::size_t kMaxItems = 1 << 22;   // in all containers

}  // namespace

PickleMachine::PickleMachine(std::span<const std::byte> bytes,
                             const std::string& origin)
    : origin_(origin),
      bytes_(bytes.first(std::min(bytes.size(), kMaxBytes))),
      cursor_(bytes_, origin_) {}

Pickle PickleMachine::run() {
  constexpr char kStop = '.';
  for (;;) {
    const char opcode = static_cast<char>(number<std::uint8_t>());
    if (opcode == kStop)
      break;
    step(opcode);
  }
  if (stack_.size() != 1 || !marks_.empty())
    refuse("expected a pickle to leave one value, got " +
           std::to_string(stack_.size()));
  pickle_.root_ = stack_.front();
  pickle_.size_ = cursor_.position();
  return std::move(pickle_);
}

void PickleMachine::refuse(const std::string& message, ErrorCode code) const {
  throw Error(code, message + ": " + origin_);
}

void PickleMachine::refuse_object(const std::string& what) const {
  refuse("expected only tensors and plain containers, got " + what,
         ErrorCode::kUnsupported);
}

std::string_view PickleMachine::line() {
  const auto rest = bytes_.subspan(cursor_.position());
  const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
  if (end == rest.end())
    refuse("expected a line in a pickle, got the end of the file");
  const auto size = static_cast<std::uint64_t>(end - rest.begin());
  const std::string_view text = take_text(size);
  cursor_.take(1);
  return text;
}

std::string_view PickleMachine::take_text(std::uint64_t size) {
  return as_text(cursor_.take(size));
}

PickleValue& PickleMachine::push(PickleKind kind) {
  if (pickle_.values_.size() >= kMaxValues)
    refuse("expected at most " + std::to_string(kMaxValues) +
           " values in a pickle of weights, got more");
  PickleValue& value = pickle_.values_.emplace_back();
  value.kind = kind;
  push_again(&value);
  return value;
}

void PickleMachine::push_integer(std::int64_t value) {
  push(PickleKind::kInteger).integer = value;
}

void PickleMachine::push_text(PickleKind kind, std::string_view text) {
  push(kind).text = text;
}

void PickleMachine::push_items(PickleKind kind, Values items) {
  charge(items.size());
  push(kind).items = std::move(items);
}

void PickleMachine::push_again(PickleValue* value) {
  if (stack_.size() >= kMaxValues)
    refuse("expected at most " + std::to_string(kMaxValues) +
           " values on a pickle's stack, got more");
  stack_.push_back(value);
}

PickleValue& PickleMachine::top() {
  if (stack_.size() == (marks_.empty() ? 0 : marks_.back()))
    refuse("expected a value on a pickle's stack, got none");
  return *stack_.back();
}

PickleValue& PickleMachine::pop() {
  PickleValue& value = top();
  stack_.pop_back();
  return value;
}

PickleMachine::Values PickleMachine::pop_count(std::size_t count) {
  Values values(count);
  for (std::size_t i = count; i > 0; --i) values[i - 1] = &pop();
  return values;
}

void PickleMachine::mark() {
  if (marks_.size() >= kMaxValues)
    refuse("expected at most " + std::to_string(kMaxValues) +
           " marks on a pickle's stack, got more");
  marks_.push_back(stack_.size());
}

PickleMachine::Values PickleMachine::pop_to_mark() {
  if (marks_.empty())
    refuse("expected a mark on a pickle's stack, got none");
  const std::size_t mark = marks_.back();
  marks_.pop_back();
  const Values values(stack_.begin() + static_cast<std::ptrdiff_t>(mark),
                      stack_.end());
  stack_.resize(mark);
  return values;
}

void PickleMachine::put(std::uint64_t key) {
  if (memo_.size() >= kMaxValues)
    refuse("expected at most " + std::to_string(kMaxValues) +
           " entries in a pickle's memo, got more");
  memo_[key] = &top();
}

void PickleMachine::get(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end())
    refuse("expected an entry of a pickle's memo, got number " +
           std::to_string(key) + " which is not there");
  push_again(found->second);
}

void PickleMachine::charge(std::size_t items) {
  charged_ += items;  // each call's are bounded by the stack or by kMaxItems
  if (charged_ > kMaxItems)
    refuse("expected at most " + std::to_string(kMaxItems) +
           " items in a pickle of weights, got more");
}

}  // namespace torchclassify
