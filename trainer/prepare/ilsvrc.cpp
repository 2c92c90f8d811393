// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prepare/ilsvrc.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "formats/atomic_file.h"
#include "prepare/archive_reader.h"
#include "prepare/mat_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr char kTrainArchive[] = "ILSVRC2012_img_train.tar";
constexpr char kValidationArchive[] = "ILSVRC2012_img_val.tar";
constexpr double kMostIds = 1e6;  // a kit with more of them is damaged
constexpr char kKitArchive[] = "ILSVRC2012_devkit_t12.tar.gz";

[[noreturn]] void refuse(const std::string& what, const std::string& origin) {
  throw Error(ErrorCode::kBadData, what + ": " + origin);
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// n and eight digits.
bool is_wordnet_id(std::string_view text) {
  return text.size() == 9 && text[0] == 'n' && is_digits(text.substr(1));
}

std::string_view without(std::string_view text, std::string_view before,
                         std::string_view after) {
  if (text.size() < before.size() + after.size() || !text.starts_with(before) ||
      !text.ends_with(after))
    return {};
  text.remove_prefix(before.size());
  text.remove_suffix(after.size());
  return text;
}

std::string_view plain(std::string_view name) {
  return name.starts_with("./") ? name.substr(2) : name;
}

// n01440764.tar holds n01440764_N.JPEG.
std::string class_of_archive(const ArchiveReader& train) {
  const std::string_view id = without(plain(train.name()), "", ".tar");
  if (!is_wordnet_id(id))
    refuse(
        "expected archives named nXXXXXXXX.tar, got \"" + train.name() + "\"",
        train.origin());
  return std::string(id);
}

std::string training_name(const ArchiveReader& pictures,
                          const std::string& wordnet_id) {
  const std::string_view name = plain(pictures.name());
  if (!is_digits(without(name, wordnet_id + "_", ".JPEG")))
    refuse("expected pictures named " + wordnet_id + "_N.JPEG, got \"" +
               pictures.name() + "\"",
           pictures.origin());
  return std::string(name);
}

// What the development kit says of the validation pictures.
class Kit {
 public:
  explicit Kit(const fs::path& path) : origin_(path.string()) {
    ArchiveReader archive(path);
    std::optional<std::string> truth, synsets;
    while (archive.next()) {
      const fs::path name = archive.name();
      if (name.parent_path().filename() != "data")
        continue;
      if (name.filename() == "ILSVRC2012_validation_ground_truth.txt")
        truth = content_of(archive);
      else if (name.filename() == "meta.mat")
        synsets = content_of(archive);
    }
    if (!truth || !synsets)
      refuse(
          "expected data/meta.mat and "
          "data/ILSVRC2012_validation_ground_truth.txt, got an archive "
          "without",
          origin_);
    read_synsets(*synsets);
    read_truth(*truth);
  }

  std::size_t pictures() const { return classes_.size(); }

  // Of ILSVRC2012_val_NUMBER.JPEG, numbered from 1.
  const std::string& wordnet_id(std::size_t number) const {
    return classes_[number - 1];
  }

 private:
  std::string content_of(ArchiveReader& archive) const {
    constexpr std::size_t kMost = 64 << 20;  // bytes; the real ones: 2 MB
    std::string content;
    std::vector<char> piece(1 << 16);
    while (const std::size_t size = archive.read(piece.data(), piece.size())) {
      content.append(piece.data(), size);
      if (content.size() > kMost)
        refuse("expected at most 64 MiB of " + archive.name() + ", got more",
               origin_);
    }
    return content;
  }

  // Words above others in WordNet have ids too, but children: no pictures.
  void read_synsets(const std::string& file) {
    const std::string origin = origin_ + "/meta.mat";
    for (auto& synset :
         read_mat_structs(std::as_bytes(std::span(file)), "synsets", origin)) {
      const auto& id = synset["ILSVRC2012_ID"].numbers;
      const auto& children = synset["num_children"].numbers;
      const std::string& wordnet_id = synset["WNID"].text;
      if (id.size() != 1 || !(id[0] >= 1 && id[0] <= kMostIds) ||
          children.size() != 1 || !is_wordnet_id(wordnet_id))
        refuse(
            "expected an ILSVRC2012_ID, a WNID and num_children for each "
            "class, got one without",
            origin);
      if (children[0] == 0)
        wordnet_ids_[std::to_string(static_cast<int>(id[0]))] = wordnet_id;
    }
  }

  void read_truth(std::string_view lines) {
    while (!lines.empty()) {
      std::string line(lines.substr(0, lines.find('\n')));
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
      if (line.ends_with('\r'))
        line.pop_back();
      const auto found = wordnet_ids_.find(line);
      if (found == wordnet_ids_.end())
        refuse("expected ids of classes in meta.mat, got \"" +
                   line.substr(0, 20) + "\" in line " +
                   std::to_string(classes_.size() + 1) +
                   " of ILSVRC2012_validation_ground_truth.txt",
               origin_);
      classes_.push_back(found->second);
    }
  }

  const std::string origin_;
  std::map<std::string, std::string> wordnet_ids_;  // by ILSVRC's id
  std::vector<std::string> classes_;                // of each picture
};

class Preparation {
 public:
  Preparation(const fs::path& folder, const IlsvrcProgress& progress)
      : folder_(folder), progress_(progress) {}

  void unpack_training(const fs::path& path) {
    ArchiveReader archive(path);
    while (archive.next()) {
      const std::string id = class_of_archive(archive);
      ArchiveReader pictures(archive);
      while (pictures.next()) {
        put(pictures, "train", id, training_name(pictures, id));
        ++counts_.training;
        report();
      }
    }
  }

  void unpack_validation(const fs::path& path, const Kit& kit) {
    ArchiveReader archive(path);
    while (archive.next()) {
      const std::string name(plain(archive.name()));
      put(archive, "val", kit.wordnet_id(number_in(name, archive, kit)), name);
      ++counts_.validation;
      report();
    }
  }

  IlsvrcCounts finish(bool training, bool validation) {
    counts_.classes = classes_.size();
    if (training)
      expect(kIlsvrcTraining, counts_.training, "training pictures");
    if (validation)
      expect(kIlsvrcValidation, counts_.validation, "validation pictures");
    expect(kIlsvrcClasses, counts_.classes, "classes");
    return counts_;
  }

 private:
  static std::size_t number_in(const std::string& name,
                               const ArchiveReader& archive, const Kit& kit) {
    const std::string_view digits = without(name, "ILSVRC2012_val_", ".JPEG");
    std::size_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, number);
    if (!is_digits(digits) || parsed.ec != std::errc() || parsed.ptr != end ||
        number < 1 || number > kit.pictures())
      refuse("expected pictures named ILSVRC2012_val_N.JPEG, N from 1 to " +
                 std::to_string(kit.pictures()) + ", got \"" + name + "\"",
             archive.origin());
    return number;
  }

  void put(ArchiveReader& picture, const char* part, const std::string& id,
           const std::string& name) {
    const fs::path target = folder_ / part / id;
    if (target != last_folder_)
      make_folder(target);
    last_folder_ = target;
    classes_.insert(id);
    counts_.written += unpack_file(picture, target / name);
  }

  void report() const {
    if (progress_)
      progress_(counts_.training + counts_.validation);
  }

  void expect(std::size_t expected, std::size_t got, const char* what) {
    if (got != expected)
      counts_.warnings.push_back("expected " + std::to_string(expected) + " " +
                                 what + ", got " + std::to_string(got));
  }

  const fs::path folder_;
  const IlsvrcProgress& progress_;
  fs::path last_folder_;
  std::set<std::string> classes_;
  IlsvrcCounts counts_;
};

}  // namespace

IlsvrcCounts prepare_ilsvrc(const fs::path& source, const fs::path& folder,
                            const IlsvrcProgress& progress) {
  std::error_code ignored;
  const bool training = fs::exists(source / kTrainArchive, ignored);
  const bool validation = fs::exists(source / kValidationArchive, ignored);
  if (!training && !validation)
    throw Error(ErrorCode::kNotFound, std::string("expected ") + kTrainArchive +
                                          " or " + kValidationArchive +
                                          ", found neither in " +
                                          source.string());
  Preparation preparation(folder, progress);
  // First what takes minutes: what is wrong there is said at once.
  if (validation)
    preparation.unpack_validation(source / kValidationArchive,
                                  Kit(source / kKitArchive));
  if (training)
    preparation.unpack_training(source / kTrainArchive);
  return preparation.finish(training, validation);
}

}  // namespace torchclassify
