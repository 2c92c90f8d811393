// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <set>
#include <thread>
#include <unordered_map>

#include "data_summary/duplicates.h"
#include "data_summary/parts.h"
#include "data_summary/picture_scan.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {
namespace {

int threads_for(int wanted) {
  if (wanted < 0 || wanted > 256)
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected from 0 to 256 threads, got " + std::to_string(wanted));
  if (wanted > 0)
    return wanted;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1,
                    256);
}

Extent extent_of(std::vector<int> values) {
  if (values.empty())
    return {};
  const auto middle = values.begin() + (values.size() - 1) / 2;
  std::nth_element(values.begin(), middle, values.end());
  const int median = *middle;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  return {.min = *min, .median = median, .max = *max};
}

double imbalance(const std::vector<std::size_t>& per_class) {
  std::size_t largest = 0, smallest = SIZE_MAX;
  for (const std::size_t count : per_class) {
    largest = std::max(largest, count);
    if (count > 0)
      smallest = std::min(smallest, count);
  }
  return largest == 0
             ? 0
             : static_cast<double>(largest) / static_cast<double>(smallest);
}

class Summariser {
 public:
  Summariser(const std::vector<DatasetPart>& parts,
             const SummaryOptions& options)
      : parts_(parts), options_(options) {
    for (const DatasetPart& part : parts_) total_ += part.pictures->size();
  }

  DatasetSummary run() {
    number_classes();
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      count_labels(part);
      scan(part);
    }
    list_co_occurrence();
    measure_sizes();
    measure_values();
    find_duplicates();
    find_group_leaks();
    return std::move(summary_);
  }

 private:
  void number_classes();
  void count_labels(std::size_t part);
  void scan(std::size_t part);
  void list_co_occurrence();
  void measure_sizes();
  void measure_values();
  void find_duplicates();
  void add_duplicates(const std::vector<PlacedPicture>& group);
  void find_group_leaks();

  // Of all classes, ascending: parts may have different ones.
  std::vector<int> labels(const PlacedPicture& at) const;
  FoundPicture found(const PlacedPicture& at) const;
  template <typename Item>
  void list(Findings<Item>& findings, Item item) const {
    ++findings.count;
    if (findings.listed.size() < options_.most_listed)
      findings.listed.push_back(std::move(item));
  }

  const std::vector<DatasetPart>& parts_;
  const SummaryOptions& options_;
  std::size_t total_ = 0;  // pictures
  std::size_t scanned_ = 0;
  std::vector<std::vector<int>> class_ids_;  // of each part's label ids
  std::map<std::pair<int, int>, std::size_t> together_;
  PartFacts facts_;
  DatasetSummary summary_;
};

void Summariser::number_classes() {
  std::unordered_map<std::string, int> ids;
  for (const DatasetPart& part : parts_) {
    summary_.multi_label |= part.pictures->multi_label();
    auto& of_part = class_ids_.emplace_back();
    for (const std::string& name : part.pictures->classes()) {
      const auto [entry, is_new] =
          ids.emplace(name, static_cast<int>(summary_.classes.size()));
      if (is_new)
        summary_.classes.push_back(name);
      of_part.push_back(entry->second);
    }
  }
}

std::vector<int> Summariser::labels(const PlacedPicture& at) const {
  std::vector<int> labels = parts_[at.part].pictures->labels(at.index);
  for (int& label : labels)
    label = class_ids_[at.part].at(static_cast<std::size_t>(label));
  std::sort(labels.begin(), labels.end());
  return labels;
}

FoundPicture Summariser::found(const PlacedPicture& at) const {
  const DatasetPart& part = parts_[at.part];
  FoundPicture picture{.part = part.part,
                       .index = at.index,
                       .name = part.pictures->name(at.index)};
  for (const int label : labels(at))
    picture.label += (picture.label.empty() ? "" : "|") +
                     summary_.classes[static_cast<std::size_t>(label)];
  return picture;
}

void Summariser::count_labels(std::size_t part) {
  const Dataset& set = *parts_[part].pictures;
  SummaryPart counts{.part = parts_[part].part, .pictures = set.size()};
  counts.per_class.resize(summary_.classes.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::vector<int> all = labels({part, i});
    counts.unlabelled += all.empty();
    for (const int label : all)
      ++counts.per_class[static_cast<std::size_t>(label)];
    for (std::size_t a = 0; a < all.size(); ++a) {
      for (std::size_t b = a + 1; b < all.size(); ++b)
        ++together_[{all[a], all[b]}];
    }
  }
  counts.imbalance_ratio = imbalance(counts.per_class);
  summary_.parts.push_back(std::move(counts));
}

void Summariser::scan(std::size_t part) {
  PictureScan scan =
      scan_pictures(*parts_[part].pictures, threads_for(options_.threads),
                    options_.most_listed, [this](std::size_t done) {
                      if (options_.progress)
                        options_.progress(scanned_ + done, total_);
                    });
  scanned_ += scan.facts.size();
  facts_.push_back(std::move(scan.facts));
  for (const auto& [kind, count] : scan.kinds) summary_.kinds[kind] += count;
  summary_.file_bytes += scan.file_bytes;
  summary_.parts[part].unreadable = scan.unreadable.count;
  for (Remark& remark : scan.unreadable.listed)
    list(summary_.unreadable,
         {found({part, remark.index}), std::move(remark.reason)});
  for (Remark& remark : scan.suspicious.listed)
    list(summary_.suspicious, {found({part, remark.index}), remark.suspicion,
                               std::move(remark.reason)});
  // Those that are counted but not listed.
  summary_.unreadable.count +=
      scan.unreadable.count - scan.unreadable.listed.size();
  summary_.suspicious.count +=
      scan.suspicious.count - scan.suspicious.listed.size();
}

void Summariser::list_co_occurrence() {
  for (const auto& [pair, pictures] : together_)
    summary_.co_occurrence.push_back({pair.first, pair.second, pictures});
  std::stable_sort(
      summary_.co_occurrence.begin(), summary_.co_occurrence.end(),
      [](const auto& a, const auto& b) { return a.pictures > b.pictures; });
}

void Summariser::measure_sizes() {
  std::vector<int> widths, heights;
  for (const auto& part : facts_) {
    for (const PictureFacts& facts : part) {
      if (facts.width == 0)
        continue;
      widths.push_back(facts.width);
      heights.push_back(facts.height);
    }
  }
  summary_.width = extent_of(std::move(widths));
  summary_.height = extent_of(std::move(heights));
}

void Summariser::measure_values() {
  double sum[3] = {}, squares[3] = {}, pictures = 0;
  int channels = 1;
  for (const PictureFacts& facts : facts_.front()) {
    if (facts.width == 0)
      continue;
    ++pictures;
    channels = std::max(channels, facts.channels);
    for (std::size_t c = 0; c < 3; ++c) {
      sum[c] += static_cast<double>(facts.mean[c]);
      squares[c] += static_cast<double>(facts.mean_square[c]);
    }
  }
  for (int c = 0; pictures > 0 && c < channels; ++c) {
    const double mean = sum[c] / pictures;
    summary_.mean.push_back(mean);
    summary_.deviation.push_back(
        std::sqrt(std::max(0.0, squares[c] / pictures - mean * mean)));
  }
}

void Summariser::add_duplicates(const std::vector<PlacedPicture>& group) {
  std::set<std::size_t> parts;
  std::set<std::vector<int>> label_sets;
  DuplicatePictures duplicates;
  for (const PlacedPicture& at : group) {
    parts.insert(at.part);
    label_sets.insert(labels(at));
    if (duplicates.pictures.size() < options_.most_listed)
      duplicates.pictures.push_back(found(at));
  }
  duplicates.across_parts = parts.size() > 1;
  duplicates.label_conflict = label_sets.size() > 1;
  summary_.duplicates_across_parts += duplicates.across_parts;
  summary_.label_conflicts += duplicates.label_conflict;
  list(summary_.duplicates, std::move(duplicates));
}

void Summariser::find_duplicates() {
  for (const auto& group : exact_duplicates(facts_)) add_duplicates(group);
  if (options_.near_distance < 0)
    return;
  for (const PlacedPair& pair :
       near_duplicates(facts_, options_.near_distance, options_.most_listed))
    list(summary_.near_duplicates,
         {found(pair.first), found(pair.second), pair.distance});
}

void Summariser::find_group_leaks() {
  std::map<std::string, std::map<Split, std::size_t>> groups;
  for (const DatasetPart& part : parts_) {
    for (std::size_t i = 0; i < part.pictures->size(); ++i) {
      // A group by the picture's own name is none.
      const std::string group = part.pictures->group(i);
      if (group != part.pictures->name(i))
        ++groups[group][part.part];
    }
  }
  for (auto& [group, pictures] : groups) {
    if (pictures.size() > 1)
      list(summary_.group_leaks, {group, std::move(pictures)});
  }
}

}  // namespace

const char* part_name(Split part) {
  switch (part) {
    case Split::kTrain:
      return "train";
    case Split::kValidation:
      return "validation";
    case Split::kTest:
      return "test";
  }
  return "";
}

const char* suspicion_name(Suspicion suspicion) {
  switch (suspicion) {
    case Suspicion::kExtension:
      return "extension";
    case Suspicion::kTiny:
      return "tiny";
    case Suspicion::kHuge:
      return "huge";
    case Suspicion::kFlat:
      return "flat";
    case Suspicion::kAspect:
      return "aspect";
  }
  return "";
}

DatasetSummary summarise(const std::vector<DatasetPart>& parts,
                         const SummaryOptions& options) {
  if (parts.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected a part or more of a data set, got none");
  return Summariser(parts, options).run();
}

DatasetSummary summarise(const std::filesystem::path& path,
                         const SummaryOptions& options) {
  const DataSource source(path, options.layout);
  const auto open = open_parts(source, options.parts);
  std::vector<DatasetPart> parts;
  for (const OpenPart& part : open)
    parts.push_back({part.part, part.pictures.get()});
  DatasetSummary summary = summarise(parts, options);
  summary.layout = source.layout();
  return summary;
}

}  // namespace torchclassify
