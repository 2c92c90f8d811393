// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/event_record.h"

#include <bit>

#include "reporting/crc32c.h"

namespace torchclassify {
namespace {

constexpr std::size_t kHead = 12, kTail = 4;  // bytes around a record's data

// Fields of tensorflow/core/util/event.proto and framework/summary.proto.
enum EventField {
  kWallTime = 1,
  kStep = 2,
  kFileVersion = 3,
  kSummary = 5,
  kSessionLog = 7
};
enum SessionLogField { kStatus = 1 };
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2 };

constexpr std::uint64_t kStart = 1;  // SessionLog.SessionStatus

// Of the protocol buffers' encoding.
enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

template <typename Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes += static_cast<char>(number >> (8 * i) & 255);
  return bytes;
}

std::uint64_t number_at(std::string_view bytes, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// A checksum of bytes that hold checksums is weak, so TFRecord masks them.
std::uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8;
}

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 128; number >>= 7)
    bytes += static_cast<char>((number & 127) | 128);
  return bytes + static_cast<char>(number);
}

std::string key(int field, WireType type) {
  return varint(static_cast<std::uint64_t>(field) << 3 | type);
}

std::string varint_field(int field, std::uint64_t value) {
  return key(field, kVarint) + varint(value);
}

std::string bytes_field(int field, std::string_view bytes) {
  return key(field, kBytes) + varint(bytes.size()) + std::string(bytes);
}

std::string double_field(int field, double value) {
  return key(field, kFixed64) +
         little_endian(std::bit_cast<std::uint64_t>(value));
}

std::string float_field(int field, float value) {
  return key(field, kFixed32) +
         little_endian(std::bit_cast<std::uint32_t>(value));
}

}  // namespace

std::string framed_record(std::string_view data) {
  const std::string length = little_endian(std::uint64_t{data.size()});
  return length + little_endian(masked_crc(length)) + std::string(data) +
         little_endian(masked_crc(data));
}

std::size_t whole_records(std::string_view file) {
  std::size_t whole = 0;
  while (file.size() - whole >= kHead + kTail) {
    const std::string_view rest = file.substr(whole);
    const std::uint64_t length = number_at(rest, 8);
    if (number_at(rest.substr(8), 4) != masked_crc(rest.substr(0, 8)) ||
        length > rest.size() - kHead - kTail)
      break;
    const std::string_view data = rest.substr(kHead, length);
    if (number_at(rest.substr(kHead + length), 4) != masked_crc(data))
      break;
    whole += kHead + length + kTail;
  }
  return whole;
}

std::string version_event(double time) {
  return double_field(kWallTime, time) +
         bytes_field(kFileVersion, "brain.Event:2");
}

std::string restart_event(double time, std::int64_t step) {
  return double_field(kWallTime, time) +
         varint_field(kStep, static_cast<std::uint64_t>(step)) +
         bytes_field(kSessionLog, varint_field(kStatus, kStart));
}

std::string scalar_event(double time, std::int64_t step,
                         const std::map<std::string, double>& values) {
  std::string summary;
  for (const auto& [tag, value] : values)
    summary += bytes_field(
        kValue, bytes_field(kTag, tag) +
                    float_field(kSimpleValue, static_cast<float>(value)));
  return double_field(kWallTime, time) +
         varint_field(kStep, static_cast<std::uint64_t>(step)) +
         bytes_field(kSummary, summary);
}

}  // namespace torchclassify
