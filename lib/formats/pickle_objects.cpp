// SPDX-License-Identifier: LGPL-2.1-or-later
// The opcodes that would import, call or build something in Python.
#include <utility>

#include "formats/pickle_globals.h"
#include "formats/pickle_machine.h"
#include "formats/strict_json.h"

namespace torchclassify {
namespace {

bool is_text(const PickleValue& value) {
  return value.kind == PickleKind::kText;
}

bool is_pair(const PickleValue& value) {
  return (value.kind == PickleKind::kList ||
          value.kind == PickleKind::kTuple) &&
         value.items.size() == 2;
}

}  // namespace

bool PickleMachine::step_object(char opcode) {
  switch (opcode) {
    case 'c':    // GLOBAL
    case 'i': {  // INST
      const std::string_view module = line();
      const std::string_view name = line();
      push_global(module, name);
      if (opcode == 'i')
        refuse_object("an object of " + std::string(top().text));
      return true;
    }
    case '\x93': {  // STACK_GLOBAL
      const PickleValue& name = pop();
      const PickleValue& module = pop();
      if (!is_text(name) || !is_text(module))
        refuse("expected a global's names in a pickle, got something else");
      push_global(module.text, name.text);
      return true;
    }
    case 'R':  // REDUCE
      reduce();
      return true;
    case 'b':  // BUILD
      build();
      return true;
    case 'Q':  // BINPERSID
      push_persistent_id();
      return true;
    case 'P':  // PERSID
      push_text(PickleKind::kText, line());
      push_persistent_id();
      return true;
    case 'o':     // OBJ
    case '\x81':  // NEWOBJ
    case '\x92':  // NEWOBJ_EX
      refuse_object("an object of a class");
    case '\x82':  // EXT1
    case '\x83':  // EXT2
    case '\x84':  // EXT4
      refuse_object("a global by a number");
    case '\x97':  // NEXT_BUFFER
    case '\x98':  // READONLY_BUFFER
      refuse_object("a buffer beside the pickle");
    default:
      return false;
  }
}

void PickleMachine::push_global(std::string_view module,
                                std::string_view name) {
  constexpr std::size_t kLongest = 60;  // bytes, more than any allowed one has
  const std::string full = std::string(module.substr(0, kLongest)) + "." +
                           std::string(name.substr(0, kLongest));
  const PickleGlobal* const global = find_pickle_global(full);
  if (!global)
    refuse_object("the global " + quoted_text(full));
  push_text(PickleKind::kGlobal, global->name);
}

void PickleMachine::push_persistent_id() {
  push_items(PickleKind::kPersistentId, pop_count(1));
  pickle_.persistent_ids_.push_back(&top());
}

void PickleMachine::reduce() {
  const PickleValue& arguments = pop();
  const PickleValue& global = pop();
  if (arguments.kind != PickleKind::kTuple)
    refuse("expected a tuple of arguments in a pickle, got something else");
  if (global.kind != PickleKind::kGlobal)
    refuse_object("a call of what is no global");
  call(global, arguments);
}

void PickleMachine::call(const PickleValue& global,
                         const PickleValue& arguments) {
  if (global.text == "collections.OrderedDict") {
    push_ordered_dict(arguments);
  } else if (global.text == "torch.Size") {
    if (arguments.items.size() != 1 ||
        arguments.items[0]->kind != PickleKind::kTuple)
      refuse("expected one tuple for torch.Size, got something else");
    push_items(PickleKind::kTuple, arguments.items[0]->items);
  } else if (find_pickle_global(global.text)->callable) {
    push_items(PickleKind::kCall, {&global, &arguments});
  } else {
    refuse_object("a call of " + std::string(global.text));
  }
}

// Python 2 pickles its content as one list of pairs, Python 3 as none.
void PickleMachine::push_ordered_dict(const PickleValue& arguments) {
  PickleValue& dict = push(PickleKind::kDict);
  if (arguments.items.empty())
    return;
  const PickleValue& pairs = *arguments.items[0];
  if (arguments.items.size() != 1 || pairs.kind != PickleKind::kList)
    refuse("expected a list for collections.OrderedDict, got something else");
  charge(2 * pairs.items.size());
  for (const PickleValue* pair : pairs.items) {
    if (!is_pair(*pair))
      refuse("expected pairs for collections.OrderedDict, got something else");
    dict.items.insert(dict.items.end(), pair->items.begin(), pair->items.end());
  }
}

// An OrderedDict's state are attributes such as _metadata, which nobody reads.
void PickleMachine::build() {
  pop();
  if (top().kind != PickleKind::kDict)
    refuse_object("the state of an object");
}

}  // namespace torchclassify
