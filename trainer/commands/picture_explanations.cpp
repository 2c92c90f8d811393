// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/picture_explanations.h"

#include <algorithm>
#include <cstring>

#include "formats/atomic_file.h"
#include "models/near_names.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

namespace fs = std::filesystem;

int find_class(const std::string& name,
               const std::vector<std::string>& classes) {
  if (name.empty())
    return kPredictedClass;
  const auto found = std::ranges::find(classes, name);
  if (found == classes.end())
    throw Error(ErrorCode::kNotFound,
                "expected the name of one of the model's classes, got \"" +
                    name + "\"" + near_names(name, classes));
  return static_cast<int>(found - classes.begin());
}

bool is_safe(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte > 0x20 && byte != 0x7f && !std::strchr("/\\:*?\"'<>|", character);
}

}  // namespace

std::string file_name_part(const std::string& text) {
  constexpr std::size_t kLongest = 80;
  std::size_t length = std::min(text.size(), kLongest);
  // Not within a character: its other bytes are 10xxxxxx.
  while (length < text.size() && length > 0 && (text[length] & 0xc0) == 0x80)
    --length;
  std::string part = text.substr(0, length);
  std::ranges::replace_if(
      part, [](char character) { return !is_safe(character); }, '_');
  // Neither hidden nor an option.
  if (part.starts_with('.') || part.starts_with('-'))
    part[0] = '_';
  return part;
}

PictureExplanations::PictureExplanations(
    const ExplanationOptions& options, const fs::path& bundle,
    const std::string& device, const std::vector<std::string>& classes)
    : folder_(options.folder),
      classes_(classes),
      label_id_(find_class(options.class_name, classes)),
      explainer_(bundle, device) {
  make_folder(folder_);
}

void PictureExplanations::write(const fs::path& path, const Picture& picture,
                                int predicted) {
  const int label = label_id_ == kPredictedClass ? predicted : label_id_;
  const Explanation explanation = explainer_.explain(picture, label);
  const auto png = encode_png(
      overlay(picture, explainer_.info().preprocessing, explanation.map));
  const std::string& name = classes_.at(static_cast<std::size_t>(label));
  AtomicFile file(folder_ / (unused_name(path, name) + ".png"));
  file.write(png.data(), png.size());
  file.commit();
}

std::string PictureExplanations::unused_name(const fs::path& path,
                                             const std::string& label) {
  const std::string plain = file_name_part(path.stem().string()) + "-" +
                            file_name_part(label) + "-gradcam";
  std::string name = plain;
  for (int number = 2; !used_.insert(name).second; ++number)
    name = plain + "-" + std::to_string(number);
  return name;
}

}  // namespace torchclassify
