// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/mnist_classes.h"

#include <string_view>

#include "data/lower_case.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

const std::vector<std::string> kClothes = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
const std::vector<std::string> kHiragana = {"o",  "ki", "su", "tsu", "na",
                                            "ha", "ma", "ya", "re",  "wo"};

std::vector<std::string> characters(std::string_view characters) {
  std::vector<std::string> names;
  for (const char c : characters) names.emplace_back(1, c);
  return names;
}

// EMNIST's six sets; in two of them, letters whose cases look alike are one.
MnistKind emnist_kind(const std::string& prefix) {
  MnistKind kind{.transposed = true};
  if (prefix == "emnist-letters-") {
    kind.classes = characters("abcdefghijklmnopqrstuvwxyz");
    kind.first_label = 1;
  } else if (prefix == "emnist-byclass-") {
    kind.classes = characters(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  } else if (prefix == "emnist-balanced-" || prefix == "emnist-bymerge-") {
    kind.classes =
        characters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt");
  } else {
    kind.classes = characters("0123456789");
  }
  return kind;
}

}  // namespace

MnistKind mnist_kind(const fs::path& folder, const std::string& prefix) {
  if (!prefix.empty())
    return emnist_kind(prefix);
  std::error_code ignored;
  fs::path place = fs::weakly_canonical(folder, ignored);
  for (; place.has_relative_path(); place = place.parent_path()) {
    const std::string name = lower_case(place.filename().string());
    if (name.find("fashion") != std::string::npos)
      return {.classes = kClothes};
    if (name.find("kmnist") != std::string::npos ||
        name.find("kuzushiji") != std::string::npos)
      return {.classes = kHiragana};
    if (name.find("mnist") != std::string::npos)
      break;
  }
  return {.classes = characters("0123456789"), .open_ended = true};
}

}  // namespace torchclassify
