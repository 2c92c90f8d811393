// SPDX-License-Identifier: LGPL-2.1-or-later
// GCC 12 sees uninitialised values in std::regex where it is sanitized.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "torchclassify/train/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "random.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::regex compiled(const std::string& text) {
  try {
    return std::regex(text, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected a regular expression (ECMAScript), got \"" + text + "\"");
  }
}

std::string matched_group(const std::string& name, const std::regex& regex,
                          const std::string& text) {
  std::smatch match;
  try {
    if (std::regex_search(name, match, regex))
      return match.size() > 1 && match[1].matched ? match[1].str()
                                                  : match[0].str();
  } catch (const std::regex_error&) {
    throw Error(ErrorCode::kInvalidArgument,
                "expected a simpler regular expression than \"" + text +
                    "\", which takes too long: " + name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              "expected a name that \"" + text + "\" matches, got " + name);
}

enum class Side { kNone, kTrain, kValidation };

struct Group {
  std::vector<std::size_t> pictures;  // indices
  std::set<int> labels;
  Side side = Side::kNone;
};

// In the order of their first pictures.
std::vector<Group> groups_of(const Dataset& dataset,
                             const std::string& group_regex) {
  std::optional<std::regex> regex;
  if (!group_regex.empty())
    regex = compiled(group_regex);
  std::vector<Group> groups;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const std::string name =
        regex ? matched_group(dataset.name(i), *regex, group_regex)
              : dataset.group(i);
    const auto [place, added] = known.try_emplace(name, groups.size());
    if (added)
      groups.emplace_back();
    groups[place->second].pictures.push_back(i);
    groups[place->second].labels.insert(dataset.label(i));
  }
  return groups;
}

// How many of a class's groups go to validation: none of a lone one, and
// neither none nor all of several.
std::size_t validation_groups(std::size_t groups, double share) {
  if (groups < 2 || share == 0)
    return 0;
  const auto wanted = std::lround(share * static_cast<double>(groups));
  return std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1,
                                 groups - 1);
}

// Divides those of a class's groups that no other class has divided yet.
void divide(std::vector<Group*>& groups, int label,
            const SplitOptions& options) {
  std::size_t missing =
      validation_groups(groups.size(), options.validation_share);
  std::vector<Group*> open;
  for (Group* group : groups) {
    if (group->side == Side::kNone)
      open.push_back(group);
    else if (group->side == Side::kValidation && missing > 0)
      --missing;
  }
  KeyedRandom({options.seed, static_cast<std::uint64_t>(label)}).shuffle(open);
  for (std::size_t i = 0; i < open.size(); ++i)
    open[i]->side = i < missing ? Side::kValidation : Side::kTrain;
}

void check(const SplitOptions& options) {
  if (!(options.validation_share >= 0 && options.validation_share <= 1))
    throw Error(ErrorCode::kInvalidArgument,
                "expected a validation share from 0 to 1, got " +
                    std::to_string(options.validation_share));
}

}  // namespace

TrainValidation split_dataset(const Dataset& dataset,
                              const SplitOptions& options) {
  check(options);
  std::vector<Group> groups = groups_of(dataset, options.group_regex);
  std::map<int, std::vector<Group*>> by_label;
  for (Group& group : groups) {
    for (const int label : group.labels) by_label[label].push_back(&group);
  }
  // Rare classes choose first: the others have more groups to make up with.
  std::vector<int> order;
  for (const auto& [label, members] : by_label) order.push_back(label);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return by_label[a].size() < by_label[b].size();
  });
  for (const int label : order) divide(by_label[label], label, options);

  TrainValidation split;
  for (const Group& group : groups) {
    auto& side =
        group.side == Side::kValidation ? split.validation : split.train;
    side.insert(side.end(), group.pictures.begin(), group.pictures.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace torchclassify
