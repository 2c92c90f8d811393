// SPDX-License-Identifier: LGPL-2.1-or-later
// After "MAT-File Format", MathWorks, chapter 1.
#include "prepare/mat_file.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "formats/byte_cursor.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Bytes = std::span<const std::byte>;

// Data types of elements.
enum : std::uint32_t {
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kUint16 = 4,
  kInt32 = 5,
  kUint32 = 6,
  kSingle = 7,
  kDouble = 9,
  kMatrix = 14,
  kCompressed = 15,
  kUtf8 = 16,
};

// Classes of arrays.
enum : std::uint32_t { kStructClass = 2, kCharClass = 4, kFirstNumeric = 6 };

constexpr std::size_t kMaxInflated = 64 << 20;  // bytes; the real one: 1.3 MB
constexpr std::size_t kMaxNumbers = 16;         // that are kept of an array

[[noreturn]] void refuse(const std::string& got, const std::string& origin) {
  throw Error(ErrorCode::kBadData,
              "expected a MAT-file of version 5, got " + got + ": " + origin);
}

struct Element {
  std::uint32_t type = 0;
  Bytes data;
};

// A tag and its data: up to 4 bytes lie in the tag itself.
Element take_element(ByteCursor& cursor) {
  const auto first = cursor.number<std::uint32_t>();
  if (first >> 16 != 0) {
    const Bytes data = cursor.take(4);
    return {first & 0xffff, data.first(std::min<std::size_t>(first >> 16, 4))};
  }
  const auto size = cursor.number<std::uint32_t>();
  const Element element{first, cursor.take(size)};
  if (first != kCompressed)
    cursor.take(std::min<std::size_t>((8 - size % 8) % 8, cursor.remaining()));
  return element;
}

struct EndInflate {
  ~EndInflate() { inflateEnd(&stream); }

  z_stream& stream;
};

std::vector<std::byte> inflated(Bytes data, const std::string& origin) {
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK)
    throw Error(ErrorCode::kInternal, "zlib cannot be initialised");
  const EndInflate end{stream};
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::vector<std::byte> bytes;
  int code = Z_OK;
  while (code == Z_OK && bytes.size() < kMaxInflated) {
    constexpr std::size_t kStep = 1 << 16;
    bytes.resize(bytes.size() + kStep);
    stream.next_out =
        reinterpret_cast<Bytef*>(bytes.data() + bytes.size() - kStep);
    stream.avail_out = kStep;
    code = inflate(&stream, Z_NO_FLUSH);
  }
  if (code != Z_STREAM_END)
    refuse("compressed data that are damaged or too many", origin);
  bytes.resize(stream.total_out);
  return bytes;
}

template <typename Number>
std::vector<double> numbers_as(Bytes data) {
  std::vector<double> numbers;
  for (std::size_t at = 0;
       at + sizeof(Number) <= data.size() && numbers.size() < kMaxNumbers;
       at += sizeof(Number)) {
    Number number;
    std::memcpy(&number, data.data() + at, sizeof number);
    numbers.push_back(static_cast<double>(number));
  }
  return numbers;
}

std::vector<double> numbers_of(const Element& element) {
  static_assert(std::endian::native == std::endian::little);
  switch (element.type) {
    case kInt8:
      return numbers_as<std::int8_t>(element.data);
    case kUint8:
      return numbers_as<std::uint8_t>(element.data);
    case kInt16:
      return numbers_as<std::int16_t>(element.data);
    case kUint16:
      return numbers_as<std::uint16_t>(element.data);
    case kInt32:
      return numbers_as<std::int32_t>(element.data);
    case kUint32:
      return numbers_as<std::uint32_t>(element.data);
    case kSingle:
      return numbers_as<float>(element.data);
    case kDouble:
      return numbers_as<double>(element.data);
    default:
      return {};
  }
}

// Characters of one or two bytes; beyond ASCII nothing is looked at.
std::string text_of(const Element& element) {
  if (element.type != kUint16 && element.type != kInt16)
    return std::string(as_text(element.data));
  std::string text;
  for (std::size_t at = 0; at + 2 <= element.data.size(); at += 2) {
    const auto low = std::to_integer<unsigned char>(element.data[at]);
    const bool ascii = low < 128 && element.data[at + 1] == std::byte{0};
    text += ascii ? static_cast<char>(low) : '?';
  }
  return text;
}

// What every array begins with.
struct Header {
  std::uint32_t array_class = 0;
  std::size_t count = 0;  // of elements: the product of the dimensions
  std::string name;
};

Header take_header(ByteCursor& cursor, const std::string& origin) {
  const std::vector<double> flags = numbers_of(take_element(cursor));
  const std::vector<double> dimensions = numbers_of(take_element(cursor));
  const Element name = take_element(cursor);
  if (flags.empty() || !(flags[0] >= 0 && flags[0] <= UINT32_MAX) ||
      dimensions.empty())
    refuse("an array without a kind or dimensions", origin);
  double count = 1;
  for (const double side : dimensions) count *= side;
  // No element takes fewer bytes than one.
  if (!(count >= 0 && count <= static_cast<double>(kMaxInflated)))
    refuse("an array of impossible dimensions", origin);
  return {static_cast<std::uint32_t>(flags[0]) & 0xff,
          static_cast<std::size_t>(count), std::string(as_text(name.data))};
}

MatValue value_of(const Element& element, const std::string& origin) {
  MatValue value;
  if (element.type != kMatrix || element.data.empty())
    return value;
  ByteCursor cursor(element.data, origin);
  const Header header = take_header(cursor, origin);
  if (header.array_class == kCharClass && header.count > 0)
    value.text = text_of(take_element(cursor));
  else if (header.array_class >= kFirstNumeric && header.count > 0)
    value.numbers = numbers_of(take_element(cursor));
  return value;
}

std::vector<std::string> take_field_names(ByteCursor& cursor,
                                          const std::string& origin) {
  const std::vector<double> length = numbers_of(take_element(cursor));
  const std::string_view names = as_text(take_element(cursor).data);
  if (length.size() != 1 || length[0] < 1)
    refuse("fields without names", origin);
  const auto step = static_cast<std::size_t>(length[0]);
  std::vector<std::string> fields;
  for (std::size_t at = 0; at + step <= names.size(); at += step)
    fields.emplace_back(names.substr(at, names.substr(at, step).find('\0')));
  return fields;
}

std::optional<MatStructs> structs_named(const std::string& name,
                                        const Element& element,
                                        const std::string& origin) {
  ByteCursor cursor(element.data, origin);
  const Header header = take_header(cursor, origin);
  if (header.name != name || header.array_class != kStructClass)
    return {};
  const std::vector<std::string> fields = take_field_names(cursor, origin);
  MatStructs structs;
  for (std::size_t i = 0; i < header.count && !fields.empty(); ++i) {
    auto& fields_of_one = structs.emplace_back();
    for (const std::string& field : fields)
      fields_of_one[field] = value_of(take_element(cursor), origin);
  }
  return structs;
}

void check_file_header(Bytes header, const std::string& origin) {
  constexpr std::size_t kVersionAt = 124, kOrderAt = 126;
  if (as_text(header.subspan(kOrderAt)) != "IM")
    throw Error(ErrorCode::kUnsupported,
                "expected a little-endian MAT-file of version 5, got another "
                "file: " +
                    origin);
  if (header[kVersionAt + 1] != std::byte{1})
    throw Error(
        ErrorCode::kUnsupported,
        "expected a MAT-file of version 5, got another version: " + origin);
}

}  // namespace

MatStructs read_mat_structs(Bytes bytes, const std::string& name,
                            const std::string& origin) {
  constexpr std::size_t kHeader = 128;
  ByteCursor cursor(bytes, origin);
  check_file_header(cursor.take(kHeader), origin);
  while (cursor.remaining() > 0) {
    Element element = take_element(cursor);
    std::vector<std::byte> owned;
    if (element.type == kCompressed) {
      owned = inflated(element.data, origin);
      ByteCursor inside(owned, origin);
      element = take_element(inside);
    }
    if (element.type != kMatrix)
      continue;
    if (auto structs = structs_named(name, element, origin))
      return *std::move(structs);
  }
  refuse("no struct array \"" + name + "\"", origin);
}

}  // namespace torchclassify
