// SPDX-License-Identifier: LGPL-2.1-or-later
// The worst answers as pictures for a report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "torchclassify/train/answers.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/report.h"

namespace torchclassify {

inline constexpr int kThumbnailSize = 160;  // longer side, pixels, at most

// A JPEG file's bytes.
std::vector<std::uint8_t> thumbnail(const Picture& picture);

// The picture with what speaks for the class, a label id of the model.
using HeatMapper = std::function<Picture(const Picture& picture, int label_id)>;

// What a report says of the worst answers (worst_answers()), at most limit:
// several labels are separated by commas, the confidence is that of the surest
// of them. A picture that cannot be read (again) has no thumbnail, nor has it a
// heat map, which shows the class with the largest logit.
//
// data: the set that answers.indices are of; classes: one name per class;
// activation and thresholds: the model's, whose temperature the logits were
// divided by; heat: may be empty, then there is no heat map.
std::vector<ReportPicture> report_mistakes(
    const Answers& answers, std::size_t limit, const Dataset& data,
    const std::vector<std::string>& classes, Activation activation,
    const std::vector<float>& thresholds, const HeatMapper& heat = {});

}  // namespace torchclassify
