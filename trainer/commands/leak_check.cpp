// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/leak_check.h"

#include <algorithm>

#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {
namespace {

// About as many as are decoded in a minute or two.
constexpr std::size_t kMostPictures = 200000;
constexpr std::size_t kMostListed = 1000;

std::string both(const std::string& first, const std::string& second) {
  return ", such as " + first + " and " + second;
}

// Of one picture or more, the first of each part.
std::string example(const DuplicatePictures& same) {
  const auto in_validation =
      std::ranges::find(same.pictures, Split::kValidation, &FoundPicture::part);
  return in_validation == same.pictures.end()
             ? ""
             : both(same.pictures.front().name, in_validation->name);
}

void add_groups(const DatasetSummary& summary,
                std::vector<std::string>& lines) {
  const Findings<GroupLeak>& groups = summary.group_leaks;
  if (groups.count > 0)
    lines.push_back("groups in both training and validation: " +
                    std::to_string(groups.count) + ", such as " +
                    groups.listed.front().group);
}

void add_duplicates(const DatasetSummary& summary,
                    std::vector<std::string>& lines) {
  if (summary.duplicates_across_parts == 0)
    return;
  const auto& listed = summary.duplicates.listed;
  const auto first =
      std::ranges::find(listed, true, &DuplicatePictures::across_parts);
  lines.push_back("pictures in both training and validation: " +
                  std::to_string(summary.duplicates_across_parts) +
                  (first == listed.end() ? std::string() : example(*first)));
}

void add_near(const DatasetSummary& summary, std::vector<std::string>& lines) {
  const Findings<NearPictures>& near = summary.near_duplicates;
  if (near.count == 0)
    return;
  const NearPictures& first = near.listed.front();
  lines.push_back("pictures that look alike in training and validation: " +
                  std::to_string(near.count) +
                  (near.count < kMostListed ? " pairs" : " pairs or more") +
                  both(first.first.name, first.second.name));
}

}  // namespace

std::vector<std::string> find_leaks(const Dataset& training,
                                    const Dataset& validation, int threads) {
  const std::size_t pictures = training.size() + validation.size();
  if (pictures > kMostPictures)
    return {
        "not looked for pictures that are in both training and validation "
        "among " +
        std::to_string(pictures) + "; `torchclassify dataset` does"};
  const DatasetSummary summary =
      summarise({{Split::kTrain, &training}, {Split::kValidation, &validation}},
                {.threads = threads, .most_listed = kMostListed});
  std::vector<std::string> lines;
  add_groups(summary, lines);
  add_duplicates(summary, lines);
  add_near(summary, lines);
  return lines;
}

}  // namespace torchclassify
