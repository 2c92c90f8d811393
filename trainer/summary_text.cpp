// SPDX-License-Identifier: LGPL-2.1-or-later
#include "summary_text.h"

#include <algorithm>
#include <numeric>

#include "formatted.h"

namespace torchclassify {
namespace {

constexpr std::size_t kMostLines = 20;     // of each kind of finding
constexpr std::size_t kMostClasses = 100;  // in the table
constexpr std::size_t kFewClasses = 10;    // in it where there are more

std::string line(const char* what, const std::string& value) {
  return formatted("%-12s", what) + value + "\n";
}

std::string text_of(const Extent& extent) {
  return formatted("%d to %d pixels, median %d", extent.min, extent.max,
                   extent.median);
}

// As --mean and --std take them.
std::string text_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values)
    text += formatted(text.empty() ? "%.4f" : ",%.4f", value);
  return text;
}

std::string general(const DatasetSummary& summary) {
  std::string text;
  if (!summary.layout.empty())
    text += line("layout", summary.layout);
  text += line("classes",
               std::to_string(summary.classes.size()) +
                   (summary.multi_label ? ", several to a picture" : ""));
  text += line("width", text_of(summary.width));
  text += line("height", text_of(summary.height));
  for (const auto& [kind, count] : summary.kinds)
    text += line("kind", kind + ": " + std::to_string(count));
  if (summary.file_bytes > 0)
    text += line(
        "size", formatted("%.1f MiB",
                          static_cast<double>(summary.file_bytes) / (1 << 20)));
  if (!summary.mean.empty()) {
    text += line("mean", text_of(summary.mean));
    text += line("std", text_of(summary.deviation));
  }
  return text;
}

std::string table_of_parts(const std::vector<SummaryPart>& parts) {
  constexpr char kForm[] = "%-12s%10s%12s%12s%12s\n";
  std::string text = formatted(kForm, "part", "pictures", "unreadable",
                               "unlabelled", "imbalance");
  for (const SummaryPart& part : parts)
    text += formatted(kForm, part_name(part.part),
                      std::to_string(part.pictures).c_str(),
                      std::to_string(part.unreadable).c_str(),
                      std::to_string(part.unlabelled).c_str(),
                      formatted("%.2f", part.imbalance_ratio).c_str());
  return text;
}

// Indices of the classes to show: all, or the rarest of the first part.
std::vector<std::size_t> classes_to_show(const DatasetSummary& summary) {
  std::vector<std::size_t> shown(summary.classes.size());
  std::iota(shown.begin(), shown.end(), 0);
  if (shown.size() <= kMostClasses)
    return shown;
  const auto& counts = summary.parts.front().per_class;
  std::stable_sort(shown.begin(), shown.end(),
                   [&](auto a, auto b) { return counts[a] < counts[b]; });
  shown.resize(kFewClasses);
  return shown;
}

std::string table_of_classes(const DatasetSummary& summary) {
  const auto shown = classes_to_show(summary);
  std::size_t longest = 12;
  for (const std::size_t i : shown)
    longest = std::max(longest, summary.classes[i].size() + 2);
  const auto name = [&](std::string text) {
    text.resize(longest, ' ');
    return text;
  };
  std::string text = "\n";
  if (shown.size() < summary.classes.size())
    text += "the " + std::to_string(shown.size()) +
            " smallest classes (--json has all)\n";
  text += name("class");
  for (const SummaryPart& part : summary.parts)
    text += formatted("%12s", part_name(part.part));
  text += "\n";
  for (const std::size_t i : shown) {
    text += name(summary.classes[i]);
    for (const SummaryPart& part : summary.parts)
      text += formatted("%12s", std::to_string(part.per_class[i]).c_str());
    text += "\n";
  }
  return text;
}

std::string table_of_pairs(const DatasetSummary& summary) {
  std::string text = "\nlabels together on a picture\n";
  for (std::size_t i = 0;
       i < std::min(kMostLines, summary.co_occurrence.size()); ++i) {
    const LabelPair& pair = summary.co_occurrence[i];
    text += formatted("%8zu  ", pair.pictures) +
            summary.classes[static_cast<std::size_t>(pair.first)] + ", " +
            summary.classes[static_cast<std::size_t>(pair.second)] + "\n";
  }
  return text;
}

std::string text_of(const FoundPicture& picture) {
  return picture.name + " (" + part_name(picture.part) + ", " + picture.label +
         ")";
}

std::string text_of(const UnreadablePicture& found) {
  return text_of(found.picture) + ": " + found.reason;
}

std::string text_of(const SuspiciousPicture& found) {
  return text_of(found.picture) + ": " + suspicion_name(found.suspicion) +
         ", " + found.reason;
}

std::string text_of(const DuplicatePictures& duplicates) {
  constexpr std::size_t kMostPictures = 5;
  std::string text;
  for (const FoundPicture& picture : duplicates.pictures) {
    if (&picture - duplicates.pictures.data() == kMostPictures)
      return text + "\n    ...";
    text += (text.empty() ? "" : "\n    = ") + text_of(picture);
  }
  return text + (duplicates.label_conflict ? ": different labels" : "");
}

std::string text_of(const NearPictures& pair) {
  return text_of(pair.first) + "\n    ~ " + text_of(pair.second);
}

std::string text_of(const GroupLeak& leak) {
  std::string text = leak.group + ":";
  for (const auto& [part, count] : leak.pictures)
    text += formatted(" %zu in %s", count, part_name(part));
  return text;
}

// Nothing where nothing was found.
template <typename Item>
std::string findings(const std::string& what, const Findings<Item>& found) {
  if (found.count == 0)
    return {};
  std::string text = "\n" + what + ": " + std::to_string(found.count) + "\n";
  const std::size_t shown = std::min(kMostLines, found.listed.size());
  for (std::size_t i = 0; i < shown; ++i)
    text += "  " + text_of(found.listed[i]) + "\n";
  if (shown < found.count)
    text += "  ... and " + std::to_string(found.count - shown) +
            " more (--json lists more)\n";
  return text;
}

std::string all_findings(const DatasetSummary& summary) {
  const std::string duplicates =
      "duplicates (" + std::to_string(summary.duplicates_across_parts) +
      " across parts, " + std::to_string(summary.label_conflicts) +
      " with different labels)";
  const std::string text =
      findings("unreadable pictures", summary.unreadable) +
      findings("suspicious pictures", summary.suspicious) +
      findings(duplicates, summary.duplicates) +
      findings("pictures of two parts that look alike",
               summary.near_duplicates) +
      findings("groups in more than one part", summary.group_leaks);
  return text.empty() ? "\nnothing found to worry about\n" : text;
}

}  // namespace

std::string to_text(const DatasetSummary& summary) {
  return general(summary) + "\n" + table_of_parts(summary.parts) +
         table_of_classes(summary) +
         (summary.co_occurrence.empty() ? "" : table_of_pairs(summary)) +
         all_findings(summary);
}

}  // namespace torchclassify
