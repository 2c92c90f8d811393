// SPDX-License-Identifier: LGPL-2.1-or-later
// A map that forgets what has not been asked for longest.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace torchclassify {

template <typename Value>
class LruMap {
 public:
  explicit LruMap(std::size_t limit) : limit_(limit) {}

  // Null if it is not there. Counts as asked for.
  Value* find(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end())
      return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  // Made if it is not there, for which the oldest may go. Valid until the next
  // call.
  Value& operator[](const std::string& key) {
    if (Value* value = find(key))
      return *value;
    if (entries_.size() == limit_) {
      places_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, Value{});
    places_[key] = entries_.begin();
    return entries_.front().second;
  }

  std::size_t size() const { return entries_.size(); }
  void clear() {
    places_.clear();
    entries_.clear();
  }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;

  const std::size_t limit_;
  Entries entries_;  // asked for last: first
  std::unordered_map<std::string, typename Entries::iterator> places_;
};

}  // namespace torchclassify
