// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data_summary/parts.h"

#include <algorithm>
#include <exception>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

bool same_pictures(const Dataset& a, const Dataset& b) {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a.name(i) != b.name(i))
      return false;
  }
  return true;
}

// A folder that has val/ and test/ but no train/ reads as classes val and test.
bool has_parts_for_classes(const Dataset& set) {
  const auto is_part = [](const std::string& name) {
    return name == "train" || name == "val" || name == "test";
  };
  return std::all_of(set.classes().begin(), set.classes().end(), is_part);
}

// Whether the files lie in PATH/val, or in val of the archive PATH.
bool lies_in_val(const Dataset& set, const fs::path& path) {
  const std::string name = set.size() > 0 ? set.name(0) : "";
  const std::string root = path.string();
  const bool inside = name.starts_with(root);
  const auto at = name.find_first_not_of('/', inside ? root.size() : 0);
  return at != std::string::npos && name.compare(at, 4, "val/") == 0;
}

void keep_each_once(std::vector<OpenPart>& parts, const fs::path& path) {
  const auto find = [&](Split part) {
    return std::find_if(parts.begin(), parts.end(),
                        [&](const auto& open) { return open.part == part; });
  };
  const auto drop_if_same = [&](Split dropped, Split kept) {
    const auto a = find(dropped), b = find(kept);
    if (a != parts.end() && b != parts.end() &&
        same_pictures(*a->pictures, *b->pictures))
      parts.erase(a);
  };
  const auto train = find(Split::kTrain);
  if (parts.size() > 1 && train != parts.end() &&
      has_parts_for_classes(*train->pictures))
    parts.erase(train);
  drop_if_same(Split::kTest, Split::kTrain);
  drop_if_same(Split::kValidation, Split::kTrain);
  const auto validation = find(Split::kValidation);
  if (validation != parts.end() && lies_in_val(*validation->pictures, path))
    drop_if_same(Split::kTest, Split::kValidation);
  else
    drop_if_same(Split::kValidation, Split::kTest);
}

}  // namespace

std::vector<OpenPart> open_parts(const DataSource& source,
                                 const std::vector<Split>& wanted) {
  std::vector<OpenPart> parts;
  std::exception_ptr first_failure;
  for (const Split part : {Split::kTrain, Split::kValidation, Split::kTest}) {
    if (!wanted.empty() && std::count(wanted.begin(), wanted.end(), part) == 0)
      continue;
    try {
      parts.push_back({part, source.open(part)});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound || !wanted.empty())
        throw;
      if (!first_failure)
        first_failure = std::current_exception();
    }
  }
  if (parts.empty() && first_failure)
    std::rethrow_exception(first_failure);
  if (wanted.empty())
    keep_each_once(parts, source.path());
  return parts;
}

}  // namespace torchclassify
