// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of JPEG pictures: the very bytes of the whole picture's.
#include <glib.h>

#include <cmath>
#include <cstdio>  // jpeglib.h needs it before
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include <jpeglib.h>

#include "loading/jpeg_part.h"
#include "random.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/error.h"
#include "torchclassify/train/picture.h"
#include "trainer/loader_pictures.h"

namespace {
namespace fs = std::filesystem;

using support::run_pass;
using namespace torchclassify;
using Bytes = std::vector<std::uint8_t>;

struct Kind {
  const char* name;
  int width, height, channels;
  int across = 2, down = 2;  // pixels of one colour sample
  int quality = 90;
  bool progressive = false;
  unsigned restart = 0;  // blocks between two restart markers
  bool as_rgb = false;   // stored as such, not as Y'CbCr
};

const Kind kKinds[] = {
    {"usual", 203, 157, 3},
    {"one-block", 5, 7, 3},
    {"one-column", 1, 40, 3},
    {"grey", 75, 50, 1},
    {"full-colours", 203, 157, 3, 1, 1},
    {"half-across", 203, 157, 3, 2, 1},
    {"half-down", 203, 157, 3, 1, 2},
    {"quarter-across", 203, 157, 3, 4, 1},
    {"low-quality", 203, 157, 3, 2, 2, 20},
    {"high-quality", 203, 157, 3, 2, 2, 100},
    {"progressive", 203, 157, 3, 2, 2, 90, true},
    {"progressive-full-colours", 203, 157, 3, 1, 1, 90, true},
    {"restarts", 203, 157, 3, 2, 2, 90, false, 3},
    {"rgb", 203, 157, 3, 1, 1, 90, false, 0, true},
};

// Waves of all directions, so that each pixel differs from its neighbours.
Bytes wave_row(int y, int bytes) {
  Bytes row;
  for (int i = 0; i < bytes; ++i)
    row.push_back(
        static_cast<std::uint8_t>(128 + 60 * std::sin(i * 0.31 + y * 0.05) +
                                  60 * std::sin(i * 0.07 - y * 0.43)));
  return row;
}

void set_options(jpeg_compress_struct& info, const Kind& kind) {
  info.image_width = static_cast<JDIMENSION>(kind.width);
  info.image_height = static_cast<JDIMENSION>(kind.height);
  info.input_components = kind.channels;
  info.in_color_space = kind.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  if (kind.as_rgb)
    jpeg_set_colorspace(&info, JCS_RGB);
  jpeg_set_quality(&info, kind.quality, TRUE);
  info.comp_info[0].h_samp_factor = kind.channels == 1 ? 1 : kind.across;
  info.comp_info[0].v_samp_factor = kind.channels == 1 ? 1 : kind.down;
  info.restart_interval = kind.restart;
  if (kind.progressive)
    jpeg_simple_progression(&info);
}

Bytes encode(const Kind& kind) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};  // ends the program
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  set_options(info, kind);
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < kind.height; ++y) {
    Bytes row = wave_row(y, kind.width * kind.channels);
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  Bytes bytes(memory, memory + size);
  std::free(memory);
  jpeg_destroy_compress(&info);
  return bytes;
}

Bytes read_bytes(const fs::path& path) {
  const std::string content = support::read_file(path);
  return Bytes(content.begin(), content.end());
}

PixelRect random_part(int width, int height, KeyedRandom& random) {
  const auto below = [&](int count) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(count)));
  };
  PixelRect part;
  part.width = 1 + below(width);
  part.height = 1 + below(height);
  part.x = below(width - part.width + 1);
  part.y = below(height - part.height + 1);
  return part;
}

bool same_part(const ImageView& view, const Picture& whole,
               const PixelRect& part) {
  if (view.width != whole.width || view.height != whole.height)
    return false;
  for (int y = part.y; y < part.y + part.height; ++y) {
    const std::uint8_t* const expected =
        whole.pixels.data() + (std::ptrdiff_t{y} * whole.width + part.x) * 3;
    if (std::memcmp(view.planes[0].data + y * view.planes[0].stride +
                        part.x * std::ptrdiff_t{3},
                    expected, static_cast<std::size_t>(part.width) * 3) != 0)
      return false;
  }
  return true;
}

// Returns how many of so many random parts were decoded as such; whatever is
// must be right.
int expect_parts(const Bytes& bytes, const Picture& whole, int tries,
                 const char* name) {
  JpegPart decoder;
  KeyedRandom random({1, bytes.size()});
  int decoded = 0;
  for (int i = 0; i < tries; ++i) {
    PixelRect part;
    const auto choose = [&](int width, int height) {
      return part = random_part(width, height, random);
    };
    if (!decoder.decode(bytes, choose))
      continue;
    ++decoded;
    if (!same_part(decoder.view(), whole, part))
      g_error("%s: other bytes in %dx%d at (%d, %d)", name, part.width,
              part.height, part.x, part.y);
  }
  return decoded;
}

void test_a_part_has_the_bytes_of_the_whole(gconstpointer data) {
  const auto& kind = *static_cast<const Kind*>(data);
  const Bytes bytes = encode(kind);
  const Picture whole = decode_picture(bytes.data(), bytes.size(), kind.name);

  g_assert_cmpint(expect_parts(bytes, whole, 200, kind.name), ==, 200);
}

// A part may be sound where the whole is not; what is decoded must be right.
void test_parts_of_real_and_of_hostile_pictures() {
  int decoded = 0;
  for (const char* set : {"corrupt-images", "hymenoptera-mini/val"}) {
    const fs::path folder = support::real_data_or_skip(set);
    if (folder.empty())
      return;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 2'000'000)
        continue;
      const Bytes bytes = read_bytes(entry.path());
      const std::string name = entry.path().filename().string();
      Picture whole;
      try {
        whole = decode_picture(bytes.data(), bytes.size(), name);
      } catch (const Error&) {
        // Refused as a whole: refused in part, then.
        g_assert_cmpint(expect_parts(bytes, whole, 5, name.c_str()), ==, 0);
        continue;
      }
      decoded += expect_parts(bytes, whole, 5, name.c_str());
    }
  }

  g_assert_cmpint(decoded, >=, 200);
}

// EXIF with the orientation as both byte orders write it.
Bytes with_orientation(const Bytes& jpeg, int orientation, bool big_endian) {
  using std::string_literals::operator""s;
  const std::string value(1, static_cast<char>(orientation));
  const std::string body =
      big_endian ? "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s +
                       value + "\0\0\0\0\0\0"s
                 : "II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + value +
                       "\0\0\0\0\0\0\0"s;
  const std::string file =
      "\xff\xd8\xff\xe1\0\x22"
      "Exif\0\0"s +
      body + std::string(jpeg.begin() + 2, jpeg.end());
  return Bytes(file.begin(), file.end());
}

void test_turned_pictures_are_left_to_the_whole_decoder() {
  const Bytes bytes = encode({"turned", 40, 24, 3});

  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const Bytes turned = with_orientation(bytes, orientation, big_endian);
      const Picture whole =
          decode_picture(turned.data(), turned.size(), "turned");
      g_assert_cmpint(whole.width, ==, orientation < 5 ? 40 : 24);
      g_assert_cmpint(expect_parts(turned, whole, 5, "turned"), ==,
                      orientation == 1 ? 5 : 0);
    }
  }
}

void test_a_damaged_picture_is_left_to_the_whole_decoder() {
  const Bytes bytes = encode({"damaged", 64, 64, 3});
  JpegPart decoder;
  const auto all = [](int width, int height) {
    return PixelRect{0, 0, width, height};
  };
  g_assert_true(decoder.decode(bytes, all));

  for (std::size_t size = 0; size < bytes.size(); ++size)
    g_assert_false(decoder.decode({bytes.data(), size}, all));
}

// From a folder of files: what is decoded in part without the cache is decoded
// whole for it.
void test_loading_parts_gives_the_batches_of_loading_wholes() {
  const support::TemporaryFolder folder;
  fs::create_directories(folder / "a");
  for (int i = 0; i < 12; ++i) {
    const Bytes bytes = encode({"file", 60 + 7 * i, 90 - 3 * i, 3});
    support::write_file(folder / ("a/" + std::to_string(i) + ".jpg"),
                        std::string(bytes.begin(), bytes.end()));
  }
  const auto set = open_dataset(folder.path(), "imagefolder", Split::kTrain);
  LoaderOptions options = support::busy_options();
  Loader whole(*set, support::small_input(), options);
  options.cache_bytes = 0;
  Loader parts(*set, support::small_input(), options);

  const auto expected = run_pass(whole, 1);
  const auto batches = run_pass(parts, 1);

  for (std::size_t i = 0; i < expected.size(); ++i)
    g_assert_true(support::same(batches[i], expected[i]));
}

class FilesOnly : public support::FormulaPictures {
 public:
  FilesOnly() : FormulaPictures(5) {}
  Picture picture(std::size_t) const override {
    throw Error(ErrorCode::kInternal, "expected not to be asked: whole");
  }
  std::optional<Bytes> encoded(std::size_t i) const override {
    return encode({"file", 50 + static_cast<int>(i), 40, 3});
  }
};

void test_only_parts_are_decoded_without_a_cache() {
  const FilesOnly pictures;
  LoaderOptions options = support::busy_options();
  options.cache_bytes = 0;
  Loader loader(pictures, support::small_input(), options);

  const auto batches = run_pass(loader, 1);

  g_assert_cmpuint(batches[0].size + batches[1].size, ==, 5);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/jpeg-part/has-the-bytes-of-the-whole", kKinds,
                    test_a_part_has_the_bytes_of_the_whole);
  g_test_add_func("/jpeg-part/parts-of-real-and-of-hostile-pictures",
                  test_parts_of_real_and_of_hostile_pictures);
  g_test_add_func("/jpeg-part/turned-pictures-are-left-to-the-whole-decoder",
                  test_turned_pictures_are_left_to_the_whole_decoder);
  g_test_add_func("/jpeg-part/a-damaged-picture-is-left-to-the-whole-decoder",
                  test_a_damaged_picture_is_left_to_the_whole_decoder);
  g_test_add_func("/jpeg-part/loading-parts-gives-the-batches-of-wholes",
                  test_loading_parts_gives_the_batches_of_loading_wholes);
  g_test_add_func("/jpeg-part/only-parts-are-decoded-without-a-cache",
                  test_only_parts_are_decoded_without_a_cache);
  return g_test_run();
}
