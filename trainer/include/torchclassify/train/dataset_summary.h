// SPDX-License-Identifier: LGPL-2.1-or-later
// What is in a data set, and what may be wrong with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

// "train", "validation" or "test".
const char* part_name(Split part);

struct SummaryOptions {
  std::string layout;        // as open_dataset() has it; empty: found out
  std::vector<Split> parts;  // empty: those that there are
  int threads = 0;           // that decode; 0: one for each processor
  // Bits of 64 that the difference hashes of two pictures differ in, at most,
  // for a near duplicate (split.h), whose grey thumbnails of 8x8 pixels must
  // be the same to within 8 of 255 as well; negative: none are looked for.
  int near_distance = 3;
  std::size_t most_listed = 1000;  // of each kind of finding
  // On the calling thread, ten times a second at most; may be empty. What it
  // throws ends the work.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct SummaryPart {
  Split part = Split::kTrain;
  std::size_t pictures = 0;    // unreadable ones included
  std::size_t unreadable = 0;  // of these
  std::size_t unlabelled = 0;  // of these: in multi-label sets only
  // By class; a picture with several labels counts for each.
  std::vector<std::size_t> per_class;
  // Largest class by the smallest that has pictures; 0: no class has any.
  double imbalance_ratio = 0;
};

// Of pictures, in pixels. With an even number of them the median is the lower
// one of the two in the middle.
struct Extent {
  int min = 0;
  int median = 0;
  int max = 0;
};

struct FoundPicture {
  Split part = Split::kTrain;
  std::size_t index = 0;  // in its part
  std::string name;       // Dataset::name()
  std::string label;      // class name, or several with | between them
};

struct UnreadablePicture {
  FoundPicture picture;
  std::string reason;  // without the picture's name
};

// Readable, but worth a look.
enum class Suspicion {
  kExtension,  // the file's name says another format than its content
  kTiny,       // a side shorter than kTinySide
  kHuge,       // more than kHugePixels
  kFlat,       // all pixels have one colour
  kAspect,     // one side longer than kExtremeAspect times the other
};
inline constexpr int kTinySide = 12;                   // pixels
inline constexpr std::int64_t kHugePixels = 25000000;  // width * height
inline constexpr int kExtremeAspect = 5;

// "extension", "tiny", "huge", "flat" or "aspect".
const char* suspicion_name(Suspicion suspicion);

struct SuspiciousPicture {
  FoundPicture picture;
  Suspicion suspicion = Suspicion::kTiny;
  std::string reason;
};

// The same pixels two times or more, by SHA-256: also from files that differ.
struct DuplicatePictures {
  std::vector<FoundPicture> pictures;
  bool across_parts = false;    // not all in one part
  bool label_conflict = false;  // not all with the same labels
};

// Two pictures of different parts that look alike, but for exact duplicates.
struct NearPictures {
  FoundPicture first, second;
  int distance = 0;  // bits of 64
};

// A group (such as a GTSRB track) with pictures in several parts.
struct GroupLeak {
  std::string group;
  std::map<Split, std::size_t> pictures;  // by part
};

struct LabelPair {
  int first = 0, second = 0;  // indices of classes, first < second
  std::size_t pictures = 0;   // that have both labels
};

template <typename Item>
struct Findings {
  std::size_t count = 0;     // of all
  std::vector<Item> listed;  // the first of them, at most most_listed
};

struct DatasetSummary {
  std::string layout;  // empty for datasets that were not opened here
  bool multi_label = false;
  std::vector<std::string> classes;  // of all parts, those of the first first
  std::vector<SummaryPart> parts;    // train, validation, test: those that are

  // Of all pictures that could be read; zeros if there are none.
  Extent width, height;
  // How many there are of a format and mode: "JPEG, grey", "PNG, palette".
  // Pictures that are no files of their own: "RGB" or "grey".
  std::map<std::string, std::size_t> kinds;
  std::uint64_t file_bytes = 0;  // of pictures that are files of their own

  // Of the first part (the training part, if there is one): values in [0, 1]
  // by channel, RGB, or grey alone if all pictures are. Each picture counts the
  // same, whatever its size. Empty if no picture could be read.
  std::vector<double> mean, deviation;

  Findings<UnreadablePicture> unreadable;
  Findings<SuspiciousPicture> suspicious;
  Findings<DuplicatePictures> duplicates;
  std::size_t duplicates_across_parts = 0;  // of duplicates
  std::size_t label_conflicts = 0;          // of duplicates
  // Counting ends at most_listed pairs for each two parts.
  Findings<NearPictures> near_duplicates;
  Findings<GroupLeak> group_leaks;
  std::vector<LabelPair> co_occurrence;  // multi-label sets; most often first
};

// Reads every picture once and changes nothing. Keeps about 150 bytes a
// picture, and what each thread decodes at the moment. Parts that a layout
// makes of the same files (MNIST's validation and test) count as one. Throws
// Error kNotFound, kBadData or kInvalidArgument as open_dataset(); a picture
// that cannot be read is a finding.
DatasetSummary summarise(const std::filesystem::path& path,
                         const SummaryOptions& options = {});

// The same for sets that are open: one for each part, in the order of Split.
// They outlive the call. options.layout and options.parts mean nothing.
struct DatasetPart {
  Split part = Split::kTrain;
  const Dataset* pictures = nullptr;
};
DatasetSummary summarise(const std::vector<DatasetPart>& parts,
                         const SummaryOptions& options = {});

// One object with stable names, in UTF-8:
//   layout, multi_label, pictures (of all parts), classes (names)
//   parts: [{part, pictures, unreadable, unlabelled, imbalance_ratio,
//     per_class: a count for each of classes}]
//   width, height: {min, median, max}; kinds: {KIND: count}; file_bytes
//   mean, std: [by channel]
//   unreadable: {count, listed: [{part, path, label, reason}]}
//   suspicious: the same, each with kind, a suspicion_name()
//   duplicates: {count, listed: [{across_parts, label_conflict, pictures:
//     [{part, path, label}]}], across_parts, label_conflicts}
//   near_duplicates: {count, listed: [{distance, first, second}]}
//   group_leaks: {count, listed: [{group, pictures: {PART: count}}]}
//   co_occurrence: [{first, second, pictures}]
std::string to_json(const DatasetSummary& summary);

}  // namespace torchclassify
