// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that are kept in memory, as many as fit.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Any thread. What it holds stays where it is for as long as the cache lives.
class PictureCache {
 public:
  // Of a set of so many pictures; bytes: at most, of pixels and bookkeeping.
  PictureCache(std::size_t pictures, std::size_t bytes);

  // Null: not there.
  const Picture* find(std::size_t index) const;

  // Moves the picture in if it fits, and takes no more from the first one on
  // that does not: then, null, and picture is as it was. Of two threads that
  // bring the same picture, the first one's stays.
  const Picture* add(std::size_t index, Picture& picture);

  // Whether all pictures have fitted so far.
  bool accepting() const;

 private:
  const std::size_t limit_;

  mutable std::mutex mutex_;  // protects all below
  std::size_t used_ = 0;      // bytes
  bool full_ = false;
  std::vector<std::unique_ptr<const Picture>> pictures_;  // by index
};

}  // namespace torchclassify
