// SPDX-License-Identifier: LGPL-2.1-or-later
// Model: torch/serialization.py, _legacy_save() and _legacy_load().
#include <bit>
#include <map>
#include <string_view>

#include "formats/byte_cursor.h"
#include "formats/strict_json.h"
#include "formats/torch_content.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// 0x1950a86a20f9469cfc6c, as protocols 2 and up write it, and 0 and 1.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::string_view kDecimalMagic = "119547037146038801333356";
constexpr std::int64_t kProtocol = 1001;

// What the object says of each storage. The first reference counts: it is the
// one whose type the numbers in the file are counted in.
using References = std::map<std::string_view, StorageReference>;

// Reads one file, front to back; every complaint names the file.
class LegacyReader {
 public:
  LegacyReader(std::span<const std::byte> bytes, const std::string& origin)
      : bytes_(bytes), origin_(origin), cursor_(bytes, origin_) {}

  TorchContent read();

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code, message + ": " + origin_);
  }

  Pickle read_pickle();
  void read_magic();
  void read_protocol();
  void read_system();
  References references(const Pickle& object) const;
  void read_storages(const Pickle& keys, const References& references,
                     TorchStorages& storages);
  bool is_foreign(std::uint64_t count, std::uint64_t expected) const;

  const std::span<const std::byte> bytes_;
  const std::string& origin_;
  ByteCursor cursor_;
  bool says_big_endian_ = false;
};

TorchContent LegacyReader::read() {
  read_magic();
  read_protocol();
  read_system();
  TorchContent content{read_pickle(), {}};
  const Pickle keys = read_pickle();
  read_storages(keys, references(content.object), content.storages);
  return content;
}

Pickle LegacyReader::read_pickle() {
  Pickle pickle = parse_pickle(bytes_.subspan(cursor_.position()), origin_);
  cursor_.take(pickle.size());
  return pickle;
}

void LegacyReader::read_magic() {
  const Pickle pickle = read_pickle();
  const PickleValue& magic = pickle.root();
  if (magic.kind != PickleKind::kBigInteger ||
      (magic.text != kMagic && magic.text != kDecimalMagic))
    refuse("expected a file of torch.save(), got another pickle");
}

void LegacyReader::read_protocol() {
  const Pickle pickle = read_pickle();
  const PickleValue& protocol = pickle.root();
  if (protocol.kind != PickleKind::kInteger || protocol.integer != kProtocol)
    refuse("expected protocol " + std::to_string(kProtocol) +
               " of torch.save(), got another",
           ErrorCode::kUnsupported);
}

void LegacyReader::read_system() {
  const Pickle pickle = read_pickle();
  if (pickle.root().kind != PickleKind::kDict)
    refuse("expected a dict that describes the system, got something else");
  const PickleValue* const little =
      Pickle::find(pickle.root(), "little_endian");
  says_big_endian_ =
      little && little->kind == PickleKind::kBool && little->integer == 0;
}

References LegacyReader::references(const Pickle& object) const {
  References references;
  for (const PickleValue* id : object.persistent_ids()) {
    const StorageReference reference = parse_storage_reference(*id, origin_);
    references.emplace(reference.key, reference);
  }
  return references;
}

void LegacyReader::read_storages(const Pickle& keys,
                                 const References& references,
                                 TorchStorages& storages) {
  if (keys.root().kind != PickleKind::kList)
    refuse("expected a list of the storages' keys, got something else");
  for (const PickleValue* key : keys.root().items) {
    const auto found = references.find(key->text);
    if (key->kind != PickleKind::kText || found == references.end())
      refuse("expected the key of a storage of the object, got " +
             quoted_text(key->text));
    const StorageReference& reference = found->second;
    const auto count = cursor_.number<std::uint64_t>();
    const bool foreign = is_foreign(count, reference.numel);
    if (!foreign && count != reference.numel)
      refuse("expected " + std::to_string(reference.numel) +
             " elements in the storage " + quoted_text(key->text) + ", got " +
             std::to_string(count));
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(reference.numel,
                               std::uint64_t{reference.element_size()}, &size))
      refuse("expected a storage within the file, got one over 64 bits");
    if (!storages.add(key->text, cursor_.take(size), foreign))
      refuse("expected every storage once, got twice " +
             quoted_text(key->text));
  }
}

// PyTorch writes the least byte first on any machine, and its reader does not
// ask. What a big-endian machine wrote as it had it shows in the counts.
bool LegacyReader::is_foreign(std::uint64_t count,
                              std::uint64_t expected) const {
  return says_big_endian_ && count != expected &&
         __builtin_bswap64(count) == expected;
}

}  // namespace

bool begins_like_legacy(std::span<const std::byte> bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("L" + std::string(kDecimalMagic)))
    return true;
  const bool is_safetensors = text.size() > 8 && text[8] == '{';
  return text.size() >= 2 && text[0] == '\x80' && text[1] >= 0 &&
         text[1] <= 5 && !is_safetensors;
}

TorchContent read_torch_legacy(std::span<const std::byte> bytes,
                               const std::string& origin) {
  return LegacyReader(bytes, origin).read();
}

}  // namespace torchclassify
