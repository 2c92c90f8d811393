// SPDX-License-Identifier: LGPL-2.1-or-later
// Which pictures train uses, and how they become the model's input.
#include "settings/setting.h"

namespace torchclassify {
namespace {

using R = TrainRequest;

}  // namespace

std::vector<Setting> data_settings() {
  std::vector<Setting> settings = {
      setting(
          "--data-path,--data-dir", "Folder, archive or CSV file of the set",
          [](R & r) -> auto& { return r.data_path; }),
      setting(
          "--dataset", "How it is laid out; default: found out",
          [](R & r) -> auto& { return r.layout; }),
      setting(
          "--classes", "File of class names that replace the set's own",
          [](R & r) -> auto& { return r.classes_file; }),
      setting(
          "--val-path", "Another set, of the same layout, to choose by",
          [](R & r) -> auto& { return r.validation_path; }),
      setting(
          "--validation-share",
          "Share of the groups of each class (GTSRB: tracks) held out of "
          "training, 0 to 1; 0: no validation. Default: the set's own "
          "validation part, else 0.2",
          [](R & r) -> auto& { return r.validation_share; }),
      setting(
          "--group-regex",
          "Finds in a picture's name what pictures of one group share",
          [](R & r) -> auto& { return r.group_regex; }),
      setting(
          "--leak-check",
          "Warn of pictures that are in both training and validation, or "
          "nearly",
          [](R & r) -> auto& { return r.leak_check; }),
      choice<CorruptPolicy>(
          "--on-corrupt",
          "Pictures that cannot be read: fail ends the run, skip "
          "leaves them out and names each, report does so, too, "
          "and ends with status 65",
          {{"fail", CorruptPolicy::kFail},
           {"skip", CorruptPolicy::kSkip},
           {"report", CorruptPolicy::kReport}},
          [](R & r) -> auto& { return r.on_corrupt; }),
      setting(
          "-j,--workers", "Threads that prepare pictures, 1 to 256",
          [](R & r) -> auto& { return r.options.workers; }),
      setting(
          "--cache-bytes", "Memory that keeps decoded pictures, bytes; 0: none",
          [](R & r) -> auto& { return r.options.cache_bytes; }),
  };
  settings[1].choices = layout_names();
  return settings;
}

std::vector<Setting> input_settings() {
  return {
      setting(
          "--val-resize-size", "Pixels of the shorter side after resizing",
          [](R & r) -> auto& { return r.options.preprocessing.resize_size; }),
      setting(
          "--val-crop-size,--img-size", "Pixels of the model's input, square",
          [](R & r) -> auto& { return r.options.preprocessing.crop_width; }),
      setting(
          "--train-crop-size", "The same while training; 0: as --val-crop-size",
          [](R & r) -> auto& { return r.options.train_crop; }),
      choice<ResizeMode>(
          "--resize-mode", "How pictures become square",
          {{"shorter-side", ResizeMode::kShorterSide},
           {"squash", ResizeMode::kSquash},
           {"letterbox", ResizeMode::kLetterbox}},
          [](R & r) -> auto& { return r.options.preprocessing.resize_mode; }),
      choice<Interpolation>(
          "--interpolation", "Of resizing, antialiased",
          {{"bilinear", Interpolation::kBilinear},
           {"bicubic", Interpolation::kBicubic}},
          [](R & r) -> auto& { return r.options.preprocessing.interpolation; }),
      setting(
          "--input-channels", "3: RGB, 1: grey",
          [](R & r) -> auto& { return r.options.preprocessing.channels; }),
      setting(
          "--mean", "Subtracted from 0 to 1, one per channel",
          [](R & r) -> auto& { return r.options.preprocessing.mean; }),
      setting(
          "--std", "Divided by, one per channel",
          [](R & r) -> auto& { return r.options.preprocessing.std; }),
  };
}

}  // namespace torchclassify
