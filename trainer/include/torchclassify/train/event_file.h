// SPDX-License-Identifier: LGPL-2.1-or-later
// TensorBoard's event files (TFRecord framing, tensorflow.Event messages).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace torchclassify {

class EventFile {
 public:
  // Makes folder/events.out.tfevents.SECONDS.HOST, or goes on with the newest
  // one there. Throws Error kCannotWrite, as everything here.
  explicit EventFile(const std::filesystem::path& folder);
  ~EventFile();

  // Readers forget the points of this step and later ones, if there are any:
  // they are written again.
  void restart(std::int64_t step);
  // One point of each tag's curve, with the time now.
  void add_scalars(std::int64_t step,
                   const std::map<std::string, double>& values);
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
