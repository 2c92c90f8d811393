// SPDX-License-Identifier: LGPL-2.1-or-later
// The pictures of `predict --explain`.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "torchclassify/train/explain.h"

namespace torchclassify {

struct ExplanationOptions {
  std::filesystem::path folder;  // empty: nothing is explained
  std::string class_name;        // empty: the predicted class of each picture
};

// Writes an overlay for each picture, as STEM-LABEL-gradcam.png, with a number
// behind it where two pictures would have the same name. Earlier ones of that
// name are replaced.
class PictureExplanations {
 public:
  // Makes the folder. classes: the model's, as the user has them. Throws Error
  // as Explainer's constructor does, kNotFound for a class name that is none of
  // classes, kCannotWrite.
  PictureExplanations(const ExplanationOptions& options,
                      const std::filesystem::path& bundle,
                      const std::string& device,
                      const std::vector<std::string>& classes);

  // path: where picture came from; predicted: its label id. Throws Error as
  // Explainer::explain() does, and kCannotWrite.
  void write(const std::filesystem::path& path, const Picture& picture,
             int predicted);

 private:
  std::string unused_name(const std::filesystem::path& path,
                          const std::string& label);

  const std::filesystem::path folder_;
  const std::vector<std::string> classes_;
  const int label_id_;  // kPredictedClass, or that of all pictures
  Explainer explainer_;
  std::set<std::string> used_;  // names without ".png"
};

// Text as a part of a file's name: characters that a file system, a shell or
// the eye stumbles over become _, what is beyond 80 bytes is cut off. UTF-8
// stays UTF-8.
std::string file_name_part(const std::string& text);

}  // namespace torchclassify
