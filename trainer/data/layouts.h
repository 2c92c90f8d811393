// SPDX-License-Identifier: LGPL-2.1-or-later
// The layouts behind open_dataset(): for each, whether it lies at a place, and
// the set that lies there.
#pragma once

#include <filesystem>
#include <memory>

#include "data/file_tree.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

using Tree = std::shared_ptr<const FileTree>;

bool is_cifar(const FileTree& tree);
bool is_gtsrb(const FileTree& tree);
bool is_manifest(const std::filesystem::path& path);
bool is_mnist(const std::filesystem::path& path);

// Whether a validation part can be opened.
bool cifar_has_test(const FileTree& tree);
bool image_folder_has_validation(const FileTree& tree);
bool manifest_has_validation(const std::filesystem::path& path);
bool mnist_has_test(const std::filesystem::path& path);

// All throw as open_dataset().
std::unique_ptr<Dataset> open_cifar(const Tree& tree, Split split);
std::unique_ptr<Dataset> open_gtsrb(const Tree& tree, Split split);
std::unique_ptr<Dataset> open_image_folder(const Tree& tree, Split split);
std::unique_ptr<Dataset> open_manifest(const std::filesystem::path& path,
                                       Split split);
std::unique_ptr<Dataset> open_mnist(const std::filesystem::path& path,
                                    Split split);

}  // namespace torchclassify
