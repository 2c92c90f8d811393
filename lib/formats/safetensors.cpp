// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "formats/mapped_file.h"
#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "tensors are handed out as they lie in the file");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // bytes, by the format
constexpr std::size_t kMaxDimensions = 64;

// Reads one file's header; every complaint names the file.
class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> file, const std::string& path)
      : file_(file), path_(path) {}

  SafetensorsContent read();

 private:
  [[noreturn]] void refuse(const std::string& message) const {
    throw Error(ErrorCode::kBadData, message + ": " + path_);
  }

  void refuse_pickles() const;
  std::uint64_t header_size() const;
  Json parse(std::string_view text) const;
  Metadata read_metadata(const Json& json) const;
  TensorView read_tensor(const std::string& name, const Json& json) const;
  std::uint64_t number(const std::string& name, const Json& json) const;
  Dtype read_dtype(const std::string& name, const Json& json) const;
  std::uint64_t byte_count(const std::string& name,
                           const TensorView& view) const;
  void check_coverage(const TensorViews& tensors) const;

  const std::span<const std::byte> file_;
  const std::string& path_;
  const std::byte* buffer_ = nullptr;
  std::uint64_t buffer_size_ = 0;
};

SafetensorsContent HeaderReader::read() {
  SafetensorsContent content;
  const std::uint64_t size = header_size();
  buffer_ = file_.data() + 8 + size;
  buffer_size_ = file_.size() - 8 - size;
  const Json header =
      parse({reinterpret_cast<const char*>(file_.data()) + 8, size});
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__")
      content.metadata = read_metadata(value);
    else
      content.tensors.emplace(name, read_tensor(name, value));
  }
  check_coverage(content.tensors);
  return content;
}

// What torch.save() and torch.jit.save() write, a zip archive or, in old
// versions, a bare pickle, begins like a header of an enormous size.
void HeaderReader::refuse_pickles() const {
  const std::string_view begin(reinterpret_cast<const char*>(file_.data()), 8);
  if (begin.starts_with("PK\x03\x04") || begin.starts_with("\x80\x02"))
    throw Error(ErrorCode::kUnsupported,
                "expected a safetensors file, got a PyTorch pickle or archive "
                "(save its state_dict with safetensors.torch.save_file): " +
                    path_);
}

std::uint64_t HeaderReader::header_size() const {
  if (file_.size() < 8)
    refuse("expected a safetensors file of at least 8 bytes, got " +
           std::to_string(file_.size()));
  std::uint64_t size = 0;
  std::memcpy(&size, file_.data(), sizeof(size));
  if (size > kMaxHeader)
    refuse_pickles();
  if (size > kMaxHeader || size > file_.size() - 8)
    refuse("expected a safetensors header that fits into the file's " +
           std::to_string(file_.size()) + " bytes, got one of " +
           std::to_string(size));
  return size;
}

Json HeaderReader::parse(std::string_view text) const {
  if (!text.starts_with('{'))
    refuse("expected a safetensors header that begins with {");
  try {
    return parse_strict_json(text);
  } catch (const std::exception& error) {
    refuse(std::string("expected a JSON safetensors header, got ") +
           error.what());
  }
}

Metadata HeaderReader::read_metadata(const Json& json) const {
  if (!json.is_object())
    refuse("expected __metadata__ to be a JSON object");
  Metadata metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string())
      refuse("expected a string in __metadata__, got another type for " +
             quoted_text(key));
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

TensorView HeaderReader::read_tensor(const std::string& name,
                                     const Json& json) const {
  const bool complete =
      json.is_object() && json.size() == 3 && json.contains("dtype") &&
      json.contains("shape") && json["shape"].is_array() &&
      json["shape"].size() <= kMaxDimensions && json.contains("data_offsets") &&
      json["data_offsets"].is_array() && json["data_offsets"].size() == 2;
  if (!complete)
    refuse("expected dtype, shape and two data_offsets for tensor " +
           quoted_text(name));
  TensorView view;
  view.dtype = read_dtype(name, json["dtype"]);
  for (const Json& side : json["shape"])
    view.shape.push_back(static_cast<std::int64_t>(number(name, side)));
  const std::uint64_t begin = number(name, json["data_offsets"][0]);
  const std::uint64_t end = number(name, json["data_offsets"][1]);
  if (begin > end || end > buffer_size_)
    refuse("expected data_offsets within " + std::to_string(buffer_size_) +
           " bytes, got [" + std::to_string(begin) + ", " +
           std::to_string(end) + "] for tensor " + quoted_text(name));
  view.data = buffer_ + begin;
  view.size = end - begin;
  if (byte_count(name, view) != view.size)
    refuse("expected as many bytes as the shape says, got " +
           std::to_string(view.size) + " for tensor " + quoted_text(name));
  return view;
}

std::uint64_t HeaderReader::number(const std::string& name,
                                   const Json& json) const {
  if (!json.is_number_unsigned() ||
      json.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    refuse("expected whole numbers of 0 or more for tensor " +
           quoted_text(name));
  return json.get<std::uint64_t>();
}

Dtype HeaderReader::read_dtype(const std::string& name,
                               const Json& json) const {
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  if (const auto dtype = dtype_named(text))
    return *dtype;
  refuse("expected a known dtype, got " + quoted_text(text) + " for tensor " +
         quoted_text(name));
}

// Sides must fit even beside one of 0: whoever allocates multiplies them.
std::uint64_t HeaderReader::byte_count(const std::string& name,
                                       const TensorView& view) const {
  std::int64_t count = static_cast<std::int64_t>(dtype_size(view.dtype));
  bool is_empty = false;
  for (const std::int64_t side : view.shape) {
    is_empty = is_empty || side == 0;
    if (__builtin_mul_overflow(count, std::max<std::int64_t>(side, 1), &count))
      refuse("expected a shape that fits into 64 bits for tensor " +
             quoted_text(name));
  }
  return is_empty ? 0 : static_cast<std::uint64_t>(count);
}

// The tensors must cover the buffer without holes and without overlap.
void HeaderReader::check_coverage(const TensorViews& tensors) const {
  std::vector<std::pair<const std::byte*, const std::byte*>> ranges;
  for (const auto& [name, view] : tensors)
    ranges.emplace_back(view.data, view.data + view.size);
  std::sort(ranges.begin(), ranges.end());
  const std::byte* expected = buffer_;
  for (const auto& [begin, end] : ranges) {
    if (begin != expected)
      refuse("expected tensors without holes or overlap, got one at byte " +
             std::to_string(begin - buffer_) + " of the data instead of " +
             std::to_string(expected - buffer_));
    expected = end;
  }
  if (expected != buffer_ + buffer_size_)
    refuse("expected tensors to cover " + std::to_string(buffer_size_) +
           " bytes of data, got " + std::to_string(expected - buffer_));
}

}  // namespace

SafetensorsContent parse_safetensors(std::span<const std::byte> bytes,
                                     const std::string& origin) {
  return HeaderReader(bytes, origin).read();
}

struct SafetensorsFile::Impl {
  MappedFile file;
  SafetensorsContent content;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>(Impl{MappedFile(path), {}})) {
  impl_->content = parse_safetensors(impl_->file.bytes(), path.string());
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept =
    default;

const TensorViews& SafetensorsFile::tensors() const {
  return impl_->content.tensors;
}

const Metadata& SafetensorsFile::metadata() const {
  return impl_->content.metadata;
}

}  // namespace torchclassify
