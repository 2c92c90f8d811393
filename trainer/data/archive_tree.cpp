// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/archive_tree.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <tuple>
#include <utility>

#include "data/archive_handle.h"
#include "data/lower_case.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// What the index takes for a member beside its name: map node and vectors.
constexpr std::uint64_t kMemberBytes = 128;
// No claim of an archive is believed beyond this before its bytes have come.
constexpr std::int64_t kMaxReserve = 64 << 20;

// Only the reader of whole ZIP files: the other one takes files without their
// end.
ArchiveHandle new_reader() {
  ArchiveHandle reader = new_tar_reader();
  archive_read_support_format_zip_seekable(reader.get());
  return reader;
}

std::span<const std::uint8_t> octets(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

bool is_hidden(const std::string& path) {
  return path.starts_with(".") || path.find("/.") != std::string::npos ||
         path.starts_with("__MACOSX/");
}

}  // namespace

// One pass through an archive.
class ArchiveTree::Walk {
 public:
  Walk(const fs::path& path, std::span<const std::uint8_t> bytes,
       std::uint64_t limit)
      : path_(path), bytes_(bytes), limit_(limit), reader_(new_reader()) {}

  Members run() {
    if (bytes_.empty())
      refuse("an archive, got an empty file");
    check(
        archive_read_open_memory(reader_.get(), bytes_.data(), bytes_.size()));
    archive_entry* entry = nullptr;
    while (true) {
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF)
        break;
      if (status != ARCHIVE_WARN)  // about names and times
        check(status);
      add(entry);
    }
    check_end();
    return std::move(members_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kBadData,
                "expected " + what + ": " + path_.string());
  }

  void check(int status) const {
    if (status == ARCHIVE_OK)
      return;
    const char* text = archive_error_string(reader_.get());
    refuse(std::string("an intact archive, got one with \"") +
           (text ? text : "unknown damage") + "\"");
  }

  // libarchive takes a tar file that was cut between two members.
  void check_end() const {
    constexpr std::size_t kBlock = 512;
    const bool is_tar = (archive_format(reader_.get()) &
                         ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (!is_tar || archive_filter_code(reader_.get(), 0) != ARCHIVE_FILTER_NONE)
      return;
    const auto end = bytes_.last(std::min(kBlock, bytes_.size()));
    if (std::any_of(end.begin(), end.end(), [](int byte) { return byte; }))
      refuse("a whole archive, got one without its end");
  }

  void charge(std::uint64_t bytes) {
    if (bytes > limit_ - used_)
      refuse("at most " + std::to_string(limit_) +
             " bytes in memory, got an archive with more (unpack it)");
    used_ += bytes;
  }

  std::string checked_path(archive_entry* entry) const {
    const char* name = archive_entry_pathname(entry);
    if (!name)  // not in this locale
      name = archive_entry_pathname_utf8(entry);
    const std::string given = name ? name : "";
    const auto inside = inside_path(given);
    const auto type = archive_entry_filetype(entry);
    const bool is_root = type == AE_IFDIR && given.starts_with('.');
    if (!inside || (inside->empty() && !is_root))
      refuse("paths inside the archive, got \"" + given + "\"");
    const std::string& path = *inside;
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
        (type != AE_IFREG && type != AE_IFDIR))
      refuse("files and folders, got a link or device \"" + path + "\"");
    if (archive_entry_is_encrypted(entry))
      refuse("readable members, got the encrypted \"" + path + "\"");
    return path;
  }

  void add(archive_entry* entry) {
    std::string path = checked_path(entry);
    if (archive_entry_filetype(entry) == AE_IFDIR)
      return;
    charge(kMemberBytes + path.size());
    Member member = read_member(entry);
    if (!is_hidden(path))
      members_.insert_or_assign(std::move(path), std::move(member));
  }

  Member read_member(archive_entry* entry) {
    Member member;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
      const int status =
          archive_read_data_block(reader_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF)
        break;
      check(status);
      if (offset < 0)
        refuse("an intact archive, got a member before its beginning");
      append(member, {static_cast<const std::uint8_t*>(block), size},
             static_cast<std::uint64_t>(offset), archive_entry_size(entry));
    }
    if (!member.owned.empty())
      member.bytes = member.owned;
    return member;
  }

  bool in_place(std::span<const std::uint8_t> block) const {
    return block.data() >= bytes_.data() &&
           block.data() + block.size() <= bytes_.data() + bytes_.size();
  }

  void append(Member& member, std::span<const std::uint8_t> block,
              std::uint64_t offset, std::int64_t claimed) {
    if (block.empty())
      return;
    auto& owned = member.owned;
    if (owned.empty() && in_place(block) && offset == member.bytes.size() &&
        (offset == 0 || block.data() == &member.bytes.back() + 1)) {
      const auto* first = offset == 0 ? block.data() : member.bytes.data();
      member.bytes = {first, offset + block.size()};
      return;
    }
    if (owned.empty()) {
      charge(member.bytes.size());
      owned.reserve(static_cast<std::size_t>(
          std::clamp<std::int64_t>(claimed, 0, kMaxReserve)));
      owned.assign(member.bytes.begin(), member.bytes.end());
    }
    if (offset < owned.size())
      refuse("an intact archive, got a member that overlaps itself");
    charge(offset - owned.size());  // a hole
    charge(block.size());
    owned.resize(offset);
    owned.insert(owned.end(), block.begin(), block.end());
  }

  const fs::path& path_;
  std::span<const std::uint8_t> bytes_;
  std::uint64_t limit_;  // bytes
  std::uint64_t used_ = 0;
  ArchiveHandle reader_;
  Members members_;
};

ArchiveTree::ArchiveTree(const fs::path& path, std::uint64_t limit)
    : path_(path),
      file_(path),
      members_(Walk(path_, octets(file_.bytes()), limit).run()) {}

std::pair<ArchiveTree::Members::const_iterator,
          ArchiveTree::Members::const_iterator>
ArchiveTree::below(const std::string& folder) const {
  if (folder.empty())
    return {members_.begin(), members_.end()};
  constexpr char kAfterSlash = '/' + 1;
  return {members_.lower_bound(folder + '/'),
          members_.lower_bound(folder + kAfterSlash)};
}

std::vector<std::string> ArchiveTree::folders(const std::string& folder) const {
  const std::size_t prefix = folder.empty() ? 0 : folder.size() + 1;
  std::vector<std::string> names;
  auto [member, last] = below(folder);
  while (member != last) {
    const std::size_t slash = member->first.find('/', prefix);
    if (slash == std::string::npos) {
      ++member;
      continue;
    }
    names.push_back(member->first.substr(prefix, slash - prefix));
    member = below(member->first.substr(0, slash)).second;
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> ArchiveTree::files(const std::string& folder) const {
  std::vector<std::string> paths;
  const auto [first, last] = below(folder);
  for (auto member = first; member != last; ++member)
    paths.push_back(member->first);
  return paths;
}

bool ArchiveTree::has_file(const std::string& path) const {
  return members_.contains(path);
}

FileBytes ArchiveTree::read(const std::string& path) const {
  const auto member = members_.find(path);
  if (member == members_.end())
    throw Error(ErrorCode::kNotFound,
                "expected a member of the archive, got none: " + name(path));
  return FileBytes(member->second.bytes);
}

std::string ArchiveTree::name(const std::string& path) const {
  return path.empty() ? path_.string() : (path_ / path).string();
}

bool is_archive_file(const fs::path& path) {
  constexpr std::array kEndings = {".tar",     ".tgz",    ".zip",    ".tar.gz",
                                   ".tar.bz2", ".tar.xz", ".tar.zst"};
  const std::string name = lower_case(path.filename().string());
  return std::any_of(kEndings.begin(), kEndings.end(), [&](const char* ending) {
    return name.ends_with(ending);
  });
}

std::shared_ptr<const FileTree> open_archive(const fs::path& path) {
  using Key = std::tuple<fs::path, std::uintmax_t, fs::file_time_type>;
  static std::mutex mutex;
  static std::map<Key, std::weak_ptr<const FileTree>> open;  // by the mutex

  std::error_code ignored;
  const Key key(fs::canonical(path, ignored), fs::file_size(path, ignored),
                fs::last_write_time(path, ignored));
  {
    const std::lock_guard lock(mutex);
    if (auto tree = open[key].lock())
      return tree;
  }
  const auto tree = std::make_shared<const ArchiveTree>(path);
  const std::lock_guard lock(mutex);
  open[key] = tree;
  return tree;
}

}  // namespace torchclassify
