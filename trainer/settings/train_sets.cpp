// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/train_sets.h"

#include <utility>

#include "formats/labels.h"
#include "torchclassify/train/split.h"

namespace torchclassify {
namespace {

std::unique_ptr<Dataset> open_part(const TrainRequest& request,
                                   const DataSource& source, Split split) {
  auto set = source.open(split);
  if (request.classes_file.empty())
    return set;
  auto names = read_labels(request.classes_file, set->classes().size());
  return renamed(std::move(set), std::move(names));
}

}  // namespace

TrainSets open_train_sets(const TrainRequest& request) {
  TrainSets sets;
  sets.whole = open_part(request, *request.data, Split::kTrain);
  if (!request.validation_path.empty()) {
    const DataSource source(request.validation_path, request.layout);
    sets.validation = open_part(request, source, Split::kTest);
  } else if (!request.validation_share) {
    sets.validation = open_part(request, *request.data, Split::kValidation);
  } else {
    const TrainValidation split = split_dataset(
        *sets.whole, {.validation_share = *request.validation_share,
                      .seed = request.options.seed,
                      .group_regex = request.group_regex});
    sets.part = subset(*sets.whole, split.train);
    if (!split.validation.empty())
      sets.validation = subset(*sets.whole, split.validation);
  }
  return sets;
}

}  // namespace torchclassify
