// SPDX-License-Identifier: LGPL-2.1-or-later
// The layouts behind open_dataset(): for each, whether it lies at a path, and
// the set that lies there.
#pragma once

#include <filesystem>
#include <memory>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

bool is_gtsrb(const std::filesystem::path& path);
bool is_mnist(const std::filesystem::path& path);
bool has_validation_folder(const std::filesystem::path& path);

// All throw as open_dataset().
std::unique_ptr<Dataset> open_gtsrb(const std::filesystem::path& path,
                                    Split split);
std::unique_ptr<Dataset> open_image_folder(const std::filesystem::path& path,
                                           Split split);
std::unique_ptr<Dataset> open_mnist(const std::filesystem::path& path,
                                    Split split);

}  // namespace torchclassify
