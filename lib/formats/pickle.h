// SPDX-License-Identifier: LGPL-2.1-or-later
// Python's pickle language as plain data: nothing is imported, called or built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torchclassify {

enum class PickleKind {
  kNone,
  kBool,
  kInteger,
  kBigInteger,    // does not fit into 64 bits
  kFloat,         // value not kept: nobody needs it
  kText,          // Python 3's str; either string type of Python 2
  kBytes,         // bytes, bytearray
  kList,          // list, set, frozenset
  kTuple,         // tuple, torch.Size
  kDict,          // dict, collections.OrderedDict
  kGlobal,        // a name from the allow-list, never what it stands for
  kCall,          // a global of the allow-list with arguments: not called
  kPersistentId,  // what the program that pickled it put beside the pickle
};

// A value of the tree; owned by its Pickle. May contain itself, at any depth.
struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  std::int64_t integer = 0;  // kBool, kInteger
  // kText, kBytes: the content, which need not be UTF-8. kBigInteger: two's
  // complement, least byte first, or, as protocols 0 and 1 write it, decimal.
  // kGlobal: "module.name".
  std::string_view text;
  // Elements; for kDict key, value, key, value and so on, a key twice
  // possible; for kCall the kGlobal, then the arguments as a kTuple; for
  // kPersistentId the one value.
  std::vector<const PickleValue*> items;
};

// One pickle, parsed.
class Pickle {
 public:
  const PickleValue& root() const { return *root_; }
  // Every kPersistentId, in the pickle's order, used in the tree or not.
  const std::vector<const PickleValue*>& persistent_ids() const {
    return persistent_ids_;
  }
  std::size_t size() const { return size_; }  // bytes, the final STOP included

  // For kDict: the value of the key, the last one's if it is there twice; null
  // if it is not there.
  static const PickleValue* find(const PickleValue& dict, std::string_view key);

 private:
  friend class PickleMachine;
  std::deque<PickleValue> values_;
  std::vector<const PickleValue*> persistent_ids_;
  const PickleValue* root_ = nullptr;
  std::size_t size_ = 0;
};

// Parses the pickle that the bytes begin with; there may be others behind it.
// Protocols 0 to 5. The bytes must outlive the Pickle. Takes time and memory
// in proportion to them, and within fixed limits.
//
// Throws Error naming origin (the file): kUnsupported for a global that is not
// among the few that tensors and plain containers need, and for every other
// opcode that makes an object; kBadData for what is no pickle, and for what is
// larger than weights can need.
Pickle parse_pickle(std::span<const std::byte> bytes,
                    const std::string& origin);

}  // namespace torchclassify
