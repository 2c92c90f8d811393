// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading/picture_cache.h"

#include <utility>

namespace torchclassify {

PictureCache::PictureCache(std::size_t pictures, std::size_t bytes)
    : limit_(bytes), full_(bytes == 0), pictures_(full_ ? 0 : pictures) {}

const Picture* PictureCache::find(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < pictures_.size() ? pictures_[index].get() : nullptr;
}

const Picture* PictureCache::add(std::size_t index, Picture& picture) {
  picture.pixels.shrink_to_fit();
  const std::size_t bytes = sizeof(Picture) + picture.pixels.size();
  const std::lock_guard lock(mutex_);
  if (full_ || bytes > limit_ - used_) {
    full_ = true;
    return nullptr;
  }
  auto& kept = pictures_[index];
  if (!kept) {
    kept = std::make_unique<const Picture>(std::move(picture));
    used_ += bytes;
  }
  return kept.get();
}

bool PictureCache::accepting() const {
  const std::lock_guard lock(mutex_);
  return !full_;
}

}  // namespace torchclassify
