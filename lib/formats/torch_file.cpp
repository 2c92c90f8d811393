// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/torch_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "formats/byte_cursor.h"
#include "formats/strict_json.h"
#include "formats/torch_content.h"
#include "formats/torch_tensors.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Where training programs put the state dict in a dict of other things; the
// first that is there counts. The averaged weights are the better ones, so
// they come first. timm's order (timm/models/_helpers.py).
constexpr const char* kContainers[] = {"state_dict_ema", "model_ema",
                                       "state_dict", "model"};

// Tied weights have two names, and shared layers a few more. Many names for
// one large storage would make a small file fill the memory when copied.
constexpr std::uint64_t kMaxSharing = 16;

bool has_tensors(const PickleValue& value) {
  if (value.kind != PickleKind::kDict)
    return false;
  for (std::size_t i = 1; i < value.items.size(); i += 2) {
    if (is_tensor(*value.items[i]))
      return true;
  }
  return false;
}

// For a message: what there is instead of a state dict.
std::string describe(const PickleValue& value) {
  constexpr std::size_t kMostKeys = 5;
  if (value.kind != PickleKind::kDict)
    return is_tensor(value) ? "one tensor" : "something else";
  std::string keys;
  for (std::size_t i = 0; i < std::min(value.items.size(), 2 * kMostKeys);
       i += 2)
    keys += (i == 0 ? "" : ", ") + quoted_text(value.items[i]->text);
  return "a dict without tensors (keys: " + keys + ")";
}

// Reads the state dict of one file; every complaint names the file.
class StateDictReader {
 public:
  StateDictReader(TorchContent content, std::uint64_t size,
                  const std::string& origin)
      : content_(std::move(content)), size_(size), origin_(origin) {}

  TorchFile read();

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kBadData) const {
    throw Error(code, message + ": " + origin_);
  }

  const PickleValue& find_state_dict(std::string& container) const;
  void add(const PickleValue& key, const PickleValue& value, TorchFile& file);
  void check_sharing(const TorchFile& file) const;

  TorchContent content_;
  const std::uint64_t size_;  // bytes, of the file
  const std::string& origin_;
};

TorchFile StateDictReader::read() {
  TorchFile file;
  const PickleValue& dict = find_state_dict(file.container);
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    if (is_tensor(*dict.items[i + 1]))
      add(*dict.items[i], *dict.items[i + 1], file);
  }
  check_sharing(file);
  file.swapped = content_.storages.take_swapped();
  return file;
}

const PickleValue& StateDictReader::find_state_dict(
    std::string& container) const {
  const PickleValue& root = content_.object.root();
  if (root.kind != PickleKind::kDict)
    refuse("expected a state dict, got " + describe(root),
           ErrorCode::kUnsupported);
  for (const char* name : kContainers) {
    const PickleValue* const inner = Pickle::find(root, name);
    if (inner && has_tensors(*inner)) {
      container = name;
      return *inner;
    }
  }
  if (!has_tensors(root))
    refuse("expected a state dict, got " + describe(root),
           ErrorCode::kUnsupported);
  return root;
}

void StateDictReader::add(const PickleValue& key, const PickleValue& value,
                          TorchFile& file) {
  const std::string name(key.text);
  if (key.kind != PickleKind::kText || name.empty() || !is_utf8(name))
    refuse("expected names in UTF-8 for the tensors, got " + quoted_text(name));
  const TensorView view = read_tensor(name, value, content_.storages, origin_);
  if (!file.tensors.emplace(name, view).second)
    refuse("expected every tensor once, got twice " + quoted_text(name));
}

void StateDictReader::check_sharing(const TorchFile& file) const {
  std::uint64_t bytes = 0;  // cannot overflow: a million views at the most
  for (const auto& [name, view] : file.tensors) bytes += view.size;
  if (bytes / kMaxSharing > size_)
    refuse("expected at most " + std::to_string(kMaxSharing) +
           " tensors to share a storage, got more");
}

}  // namespace

TorchFormat sniff_torch_file(std::span<const std::byte> bytes) {
  constexpr std::size_t kTarMagicAt = 257;
  const std::string_view text = as_text(bytes);
  const bool is_zip =
      text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");
  // A safetensors file whose header has this very size has a brace there, and
  // a zip archive the method of compression.
  if (is_zip && !(text.size() > 8 && text[8] == '{'))
    return TorchFormat::kZip;
  if (begins_like_legacy(bytes))
    return TorchFormat::kLegacy;
  if (text.size() > kTarMagicAt &&
      text.substr(kTarMagicAt).starts_with("ustar"))
    return TorchFormat::kTar;
  return TorchFormat::kNone;
}

TorchFile parse_torch_file(std::span<const std::byte> bytes,
                           const std::string& origin) {
  switch (sniff_torch_file(bytes)) {
    case TorchFormat::kZip:
      return StateDictReader(read_torch_zip(bytes, origin), bytes.size(),
                             origin)
          .read();
    case TorchFormat::kLegacy:
      return StateDictReader(read_torch_legacy(bytes, origin), bytes.size(),
                             origin)
          .read();
    case TorchFormat::kTar:
      throw Error(ErrorCode::kUnsupported,
                  "expected a file of torch.save() since PyTorch 0.1.11, got a "
                  "tar archive (load and save it again with a PyTorch of 2017 "
                  "or later): " +
                      origin);
    case TorchFormat::kNone:
      break;
  }
  throw Error(ErrorCode::kBadData,
              "expected a file of torch.save(), got something else: " + origin);
}

}  // namespace torchclassify
