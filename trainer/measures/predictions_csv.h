// SPDX-License-Identifier: LGPL-2.1-or-later
// What a model said of each picture, as a table.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/answers.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

// predictions.csv: path,label,predicted,confidence. Several labels and their
// confidences are separated by |; only those that reach their threshold count
// as predicted.
//
// data: the set that answers.indices are of; classes: one name per class.
// confidences: in the predicted class, one per answer; not used where answers
// have several labels.
std::string predictions_csv(const Answers& answers, const Dataset& data,
                            const std::vector<std::string>& classes,
                            const std::vector<float>& thresholds,
                            const std::vector<double>& confidences);

}  // namespace torchclassify
