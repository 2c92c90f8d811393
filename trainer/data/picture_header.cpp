// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/picture_header.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "data/picture_format.h"

namespace torchclassify {
namespace {

enum class Order { kLittle, kBig };

// Numbers out of untrusted bytes: what lies outside reads as 0 and clears ok().
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, Order order)
      : bytes_(bytes), order_(order) {}

  std::uint32_t number(std::uint64_t at, unsigned size) {
    if (at > bytes_.size() || bytes_.size() - at < size) {
      ok_ = false;
      return 0;
    }
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
      const unsigned byte = order_ == Order::kBig ? i : size - 1 - i;
      value = value << 8 | bytes_[at + byte];
    }
    return value;
  }
  std::uint32_t u16(std::uint64_t at) { return number(at, 2); }
  std::uint32_t u24(std::uint64_t at) { return number(at, 3); }
  std::uint32_t u32(std::uint64_t at) { return number(at, 4); }
  std::int32_t i32(std::uint64_t at) {
    return static_cast<std::int32_t>(u32(at));
  }
  bool ok() const { return ok_; }

 private:
  std::span<const std::uint8_t> bytes_;
  Order order_;
  bool ok_ = true;
};

std::optional<PictureHeader> checked(const Reader& reader,
                                     PictureHeader header) {
  if (!reader.ok())
    return {};
  return header;
}

bool is_start_of_frame(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
         marker != 0xcc;
}

// Those without a length behind them; 0 is a data byte of ff.
bool is_alone(std::uint8_t marker) {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

// No picture has these: libjpeg gives up there, but OpenCV keeps what it has
// got so far, grey below.
bool is_reserved(std::uint8_t marker) {
  return (marker > 0x01 && marker < 0xc0) || (marker >= 0xf0 && marker < 0xfe);
}

// From the frame header on (an EXIF thumbnail, a JPEG itself, comes before it):
// a cut file has no end marker, and entropy-coded data never holds one.
const char* jpeg_problem(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, Order::kBig);
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    const std::uint8_t marker = bytes[at + 1];
    if (bytes[at] != 0xff || marker == 0xff) {
      at = static_cast<std::size_t>(
          std::find(bytes.begin() + at + 1, bytes.end(), 0xff) - bytes.begin());
      continue;
    }
    if (marker == 0xd9)
      return nullptr;
    if (is_reserved(marker))
      return "expected a whole JPEG, got one with damaged data";
    at += is_alone(marker) ? 2 : 2 + reader.u16(at + 2);
  }
  return "expected a whole JPEG, got one without its end";
}

std::optional<PictureHeader> jpeg(std::span<const std::uint8_t> bytes) {
  const auto frame = jpeg_frame_at(bytes);
  if (!frame)
    return {};
  Reader reader(bytes, Order::kBig);
  return checked(reader, {.width = reader.u16(*frame + 7),
                          .height = reader.u16(*frame + 5),
                          .problem = jpeg_problem(bytes.subspan(*frame))});
}

std::optional<PictureHeader> png(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, Order::kBig);
  // Compression and filter method; OpenCV ignores them.
  const bool unusual = reader.u16(26) != 0;
  return checked(reader, {.width = reader.u32(16),
                          .height = reader.u32(20),
                          .problem = unusual ? "expected a PNG of the usual "
                                               "compression, got another"
                                             : nullptr});
}

// OpenCV takes any masks of 32-bit colours for those of BGR.
bool has_strange_masks(Reader reader) {
  enum Compression { kBitFields = 3, kAlphaBitFields = 6 };
  const std::uint32_t compression = reader.u32(30);
  return reader.u16(28) == 32 &&
         (compression == kBitFields || compression == kAlphaBitFields) &&
         (reader.u32(54) != 0xff0000 || reader.u32(58) != 0xff00 ||
          reader.u32(62) != 0xff);
}

const char* bmp_problem(const Reader& reader, std::uint32_t header_size) {
  constexpr std::array kHeaderSizes = {12u, 40u, 52u, 56u, 64u, 108u, 124u};
  if (std::find(kHeaderSizes.begin(), kHeaderSizes.end(), header_size) ==
      kHeaderSizes.end())
    return "expected a BMP with a known header, got another";
  if (header_size >= 40 && has_strange_masks(reader))
    return "expected a BMP with the usual colour masks, got other ones";
  return nullptr;
}

std::optional<PictureHeader> bmp(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, Order::kLittle);
  const std::uint32_t header_size = reader.u32(14);
  const char* problem = bmp_problem(reader, header_size);
  if (header_size < 16)  // OS/2's short header
    return checked(reader, {.width = reader.u16(18),
                            .height = reader.u16(20),
                            .problem = problem});
  const std::int64_t height = reader.i32(22);  // negative: rows from the top
  return checked(reader, {.width = reader.i32(18),
                          .height = height < 0 ? -height : height,
                          .problem = problem});
}

// The next number of a PNM header, past white space and comments; -1 if there
// is none.
std::int64_t pnm_number(std::span<const std::uint8_t> bytes, std::size_t& at) {
  while (at < bytes.size() && (std::isspace(bytes[at]) || bytes[at] == '#')) {
    if (bytes[at] == '#')
      at = static_cast<std::size_t>(
          std::find(bytes.begin() + at, bytes.end(), '\n') - bytes.begin());
    else
      ++at;
  }
  const std::size_t first = at;
  std::int64_t value = 0;
  for (; at < bytes.size() && std::isdigit(bytes[at]) && at < first + 10; ++at)
    value = value * 10 + (bytes[at] - '0');
  return at > first ? value : -1;
}

std::optional<PictureHeader> pnm(std::span<const std::uint8_t> bytes) {
  std::size_t at = 2;
  PictureHeader header;
  header.width = pnm_number(bytes, at);
  header.height = pnm_number(bytes, at);
  const bool is_bitmap = bytes[1] == '1' || bytes[1] == '4';
  const std::int64_t white = is_bitmap ? 255 : pnm_number(bytes, at);
  if (white != 255 && white != 65535)  // OpenCV does not scale others
    header.problem = "expected a PNM of 255 or 65535 levels, got another";
  return header;
}

std::optional<PictureHeader> tiff(std::span<const std::uint8_t> bytes) {
  enum Tag {
    kWidth = 256,
    kHeight = 257,
    kTileWidth = 322,
    kTileHeight = 323,
    kExtraSamples = 338
  };
  enum Type { kShort = 3 };
  enum ExtraSamples { kSeparateAlpha = 2 };
  Reader reader(bytes, bytes[0] == 'M' ? Order::kBig : Order::kLittle);
  const std::uint64_t directory = reader.u32(4);
  const std::uint32_t entries = reader.u16(directory);
  PictureHeader header;
  for (std::uint32_t i = 0; i < entries && reader.ok(); ++i) {
    const std::uint64_t entry = directory + 2 + 12ull * i;
    const std::uint32_t tag = reader.u16(entry);
    const std::int64_t value = reader.u16(entry + 2) == kShort
                                   ? reader.u16(entry + 8)
                                   : reader.u32(entry + 8);
    if (tag == kWidth || tag == kTileWidth)
      header.width = std::max(header.width, value);
    if (tag == kHeight || tag == kTileHeight)
      header.height = std::max(header.height, value);
    if (tag == kExtraSamples && value == kSeparateAlpha)  // libtiff blackens
      header.problem = "expected a TIFF without separate alpha, got one";
  }
  return checked(reader, header);
}

// Of EXIF data, which are a TIFF file; 1 (upright) if they do not say.
int exif_orientation(std::span<const std::uint8_t> bytes) {
  constexpr std::uint32_t kOrientation = 0x112;
  if (bytes.empty())
    return 1;
  Reader reader(bytes, bytes[0] == 'M' ? Order::kBig : Order::kLittle);
  const std::uint64_t directory = reader.u32(4);
  const std::uint32_t entries = reader.u16(directory);
  for (std::uint32_t i = 0; i < entries && reader.ok(); ++i) {
    const std::uint64_t entry = directory + 2 + 12ull * i;
    if (reader.u16(entry) == kOrientation)
      return static_cast<int>(reader.u16(entry + 8));
  }
  return 1;
}

int webp_orientation(std::span<const std::uint8_t> bytes) {
  using std::string_view_literals::operator""sv;
  constexpr std::string_view kPrefix = "Exif\0\0"sv;  // as in JPEG, by some
  Reader reader(bytes, Order::kLittle);
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t size = reader.u32(at + 4);
    auto content = bytes.subspan(at + 8);
    if (begins_with(bytes, "EXIF", at)) {
      content = content.first(std::min(size, content.size()));
      return exif_orientation(begins_with(content, kPrefix)
                                  ? content.subspan(kPrefix.size())
                                  : content);
    }
    at += 8 + size + size % 2;
  }
  return 1;
}

std::optional<PictureHeader> webp(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, Order::kLittle);
  if (begins_with(bytes, "VP8X", 12))
    return checked(reader, {.width = reader.u24(24) + 1ll,
                            .height = reader.u24(27) + 1ll,
                            .orientation = webp_orientation(bytes)});
  if (begins_with(bytes, "VP8L", 12)) {
    const std::uint32_t bits = reader.u32(21);
    return checked(reader, {.width = (bits & 0x3fff) + 1ll,
                            .height = (bits >> 14 & 0x3fff) + 1ll});
  }
  return checked(reader, {.width = reader.u16(26) & 0x3fff,
                          .height = reader.u16(28) & 0x3fff});
}

}  // namespace

std::optional<PictureHeader> read_picture_header(
    std::span<const std::uint8_t> bytes) {
  switch (picture_format(bytes)) {
    case PictureFormat::kNone:
      return {};
    case PictureFormat::kJpeg:
      return jpeg(bytes);
    case PictureFormat::kPng:
      return png(bytes);
    case PictureFormat::kBmp:
      return bmp(bytes);
    case PictureFormat::kPnm:
      return pnm(bytes);
    case PictureFormat::kTiff:
      return tiff(bytes);
    case PictureFormat::kWebp:
      return webp(bytes);
  }
  return {};
}

std::optional<std::size_t> jpeg_frame_at(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, Order::kBig);
  std::size_t at = 2;
  while (at + 4 <= bytes.size()) {
    const std::uint8_t marker = bytes[at + 1];
    if (bytes[at] != 0xff || marker == 0xff || marker == 0x00) {
      ++at;  // fill bytes, or rubbish that libjpeg skips too
      continue;
    }
    if (is_start_of_frame(marker))
      return at;
    at += is_alone(marker) ? 2 : 2 + reader.u16(at + 2);
  }
  return {};
}

}  // namespace torchclassify
