// SPDX-License-Identifier: LGPL-2.1-or-later
// Model: torch/serialization.py, _save() and _load().
#include <string_view>

#include "formats/archive_code.h"
#include "formats/byte_cursor.h"
#include "formats/strict_json.h"
#include "formats/torch_content.h"
#include "formats/zip_archive.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// What stands behind the archive's own folder, if the name is in it.
std::string_view inner_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash == name.npos ? std::string_view() : name.substr(slash + 1);
}

// Reads one archive; every complaint names the file.
class ArchiveReader {
 public:
  ArchiveReader(std::span<const std::byte> bytes, const std::string& origin)
      : archive_(bytes, origin), origin_(origin) {}

  TorchContent read() const;

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code, message + ": " + origin_);
  }

  void refuse_code() const;
  void refuse_compression() const;
  std::string find_folder() const;
  bool is_big_endian(const std::string& folder) const;
  void check_version(const std::string& folder) const;

  const ZipArchive archive_;
  const std::string& origin_;
};

TorchContent ArchiveReader::read() const {
  refuse_code();
  refuse_compression();
  const std::string folder = find_folder();
  check_version(folder);
  const ZipEntry& object = *archive_.find(folder + "data.pkl");
  if (!checksum_fits(object))
    refuse(
        "expected the checksum that the archive says for data.pkl, got "
        "another");
  TorchContent content{parse_pickle(object.data, origin_), {}};
  const bool foreign = is_big_endian(folder);
  const std::string storages = folder + "data/";
  for (const auto& [name, entry] : archive_.entries()) {
    if (name.starts_with(storages))
      content.storages.add(name.substr(storages.size()), entry.data, foreign);
  }
  return content;
}

void ArchiveReader::refuse_code() const {
  const ArchiveCode code = code_in(archive_);
  if (code == ArchiveCode::kNone)
    return;
  const std::string kind = code == ArchiveCode::kTorchScript
                               ? "a TorchScript archive"
                               : "a .pt2 archive of torch.export";
  refuse("expected weights, got " + kind +
             ", which executes code and opens only as a model, with allow-code",
         ErrorCode::kUnsupported);
}

// Nothing unpacks it here, so nothing can swell.
void ArchiveReader::refuse_compression() const {
  for (const auto& [name, entry] : archive_.entries()) {
    if (entry.compressed)
      refuse(
          "expected an archive without compression, as torch.save() writes "
          "it, got it for " +
              quoted_text(name),
          ErrorCode::kUnsupported);
  }
}

// The one that everything is in, with its slash.
std::string ArchiveReader::find_folder() const {
  std::string folder;
  for (const auto& [name, entry] : archive_.entries()) {
    if (inner_name(name) == "data.pkl") {
      if (!folder.empty())
        refuse("expected one data.pkl in the archive, got two");
      folder = name.substr(0, name.find('/') + 1);
    }
  }
  if (folder.empty())
    refuse(
        "expected an archive of torch.save(), got a zip archive without "
        "data.pkl",
        ErrorCode::kUnsupported);
  return folder;
}

bool ArchiveReader::is_big_endian(const std::string& folder) const {
  const ZipEntry* const entry = archive_.find(folder + "byteorder");
  if (!entry || as_text(entry->data) == "little")
    return false;
  if (as_text(entry->data) != "big")
    refuse("expected the byte order little or big, got " +
           quoted_text(as_text(entry->data)));
  return true;
}

// Written as a decimal number and a line feed. 3 since 2020.
void ArchiveReader::check_version(const std::string& folder) const {
  constexpr std::size_t kMostDigits = 1;  // PyTorch 2.11 reads up to 10
  const ZipEntry* const entry = archive_.find(folder + "version");
  if (!entry)
    return;
  std::string_view text = as_text(entry->data);
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.empty() || text.size() > kMostDigits || text < "1" || text > "9")
    refuse("expected version 1 to 9 of an archive of torch.save(), got " +
               quoted_text(text),
           ErrorCode::kUnsupported);
}

}  // namespace

TorchContent read_torch_zip(std::span<const std::byte> bytes,
                            const std::string& origin) {
  return ArchiveReader(bytes, origin).read();
}

}  // namespace torchclassify
