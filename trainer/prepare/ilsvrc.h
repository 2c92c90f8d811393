// SPDX-License-Identifier: LGPL-2.1-or-later
// ImageNet's archives as folders of pictures.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace torchclassify {

// What ILSVRC2012 has.
inline constexpr std::size_t kIlsvrcClasses = 1000;
inline constexpr std::size_t kIlsvrcTraining = 1281167;
inline constexpr std::size_t kIlsvrcValidation = 50000;

struct IlsvrcCounts {
  std::size_t classes = 0;     // WordNet ids in train and val
  std::size_t training = 0;    // pictures that are in place now
  std::size_t validation = 0;  // the same
  std::size_t written = 0;     // of these, by this call
  // What differs from ILSVRC2012, a sentence each.
  std::vector<std::string> warnings;
};

// pictures: that are in place so far. What it throws ends the work.
using IlsvrcProgress = std::function<void(std::size_t pictures)>;

// From the folder source, which has the publisher's files under their names:
//   ILSVRC2012_img_train.tar         into FOLDER/train/nXXXXXXXX/*.JPEG
//   ILSVRC2012_img_val.tar           into FOLDER/val/nXXXXXXXX/*.JPEG,
//   ILSVRC2012_devkit_t12.tar.gz     which says what they show
// Either of the first two may be absent. Files of the right size stay as they
// are: what was interrupted goes on. Throws Error kNotFound, kCannotRead,
// kBadData, kUnsupported or kCannotWrite.
IlsvrcCounts prepare_ilsvrc(const std::filesystem::path& source,
                            const std::filesystem::path& folder,
                            const IlsvrcProgress& progress = {});

}  // namespace torchclassify
