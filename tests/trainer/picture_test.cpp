// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures of all kinds, compared with what Pillow reads in them (recorded by
// tests/data/pictures/record_pictures.py).
#include "torchclassify/train/picture.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using torchclassify::ErrorCode;
using torchclassify::Picture;
using torchclassify::read_picture;

struct Recorded {
  int width, height;
  std::vector<int> levels;
};

std::map<std::string, Recorded> recorded(const char* file) {
  std::map<std::string, Recorded> pictures;
  std::istringstream lines(support::read_file(support::test_file(file)));
  std::string name, hex;
  Recorded picture;
  while (lines >> name >> picture.width >> picture.height >> hex) {
    picture.levels.clear();
    for (std::size_t i = 0; i < hex.size(); i += 2)
      picture.levels.push_back(std::stoi(hex.substr(i, 2), nullptr, 16));
    pictures[name] = picture;
  }
  return pictures;
}

// columns x rows pixels, evenly from the left top.
std::vector<int> grid(const Picture& picture, int columns, int rows) {
  std::vector<int> levels;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const int x = picture.width * column / columns;
      const int y = picture.height * row / rows;
      for (int channel = 0; channel < 3; ++channel)
        levels.push_back(picture.pixels.at(
            static_cast<std::size_t>((y * picture.width + x) * 3 + channel)));
    }
  }
  return levels;
}

void assert_equal(const Picture& picture, const Recorded& expected, int columns,
                  int rows) {
  g_assert_cmpint(picture.width, ==, expected.width);
  g_assert_cmpint(picture.height, ==, expected.height);
  g_assert_cmpint(picture.channels, ==, 3);
  const auto levels = grid(picture, columns, rows);
  g_assert_cmpuint(levels.size(), ==, expected.levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i)
    g_assert_cmpint(std::abs(levels[i] - expected.levels[i]), <=, 1);
}

void test_each_kind_is_read_as_by_pillow() {
  const auto pictures = recorded("pictures/decoded.txt");
  g_assert_cmpuint(pictures.size(), ==, 32);

  for (const auto& [name, expected] : pictures) {
    g_test_message("%s", name.c_str());
    const auto picture = read_picture(support::test_file("pictures") / name);

    assert_equal(picture, expected, picture.width, picture.height);
  }
}

// While it lives, stderr goes to a file.
class CapturedStderr {
 public:
  CapturedStderr()
      : saved_(dup(STDERR_FILENO)),
        file_(open(path().c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC,
                   0600)) {
    dup2(file_, STDERR_FILENO);
  }
  std::string end() {
    dup2(saved_, STDERR_FILENO);
    close(file_);
    close(saved_);
    return support::read_file(path());
  }

 private:
  std::string path() const { return folder_ / "stderr"; }

  support::TemporaryFolder folder_;
  int saved_;
  int file_;
};

// Kilobytes, the most so far.
long peak_memory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Every file decodes as Pillow's or is one Error that names it, quietly and
// within 300 MB. Two are read here though Pillow refuses them, or refused
// though it reads them: listed.
void test_broken_pictures_are_read_as_by_pillow_or_refused() {
  const fs::path folder = support::real_data_or_skip("corrupt-images");
  if (folder.empty())
    return;
  const auto expected = recorded("pictures/corrupt.txt");
  const std::map<std::string, std::string> kNotRead = {
      {"pillow_bmp_q_rgb32h52.bmp", "masks"},
      {"pillow_bmp_q_rgba32.bmp", "masks"},
      {"pillow_bmp_q_rgba32h56.bmp", "masks"}};
  const std::string kReadHereOnly =  // a colour profile is damaged
      "pillow_unknown_compression_method.png";
  std::size_t files = 0, read = 0;

  CapturedStderr captured;
  std::string unexpected;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    ++files;
    try {
      const auto picture = read_picture(entry.path());
      ++read;
      if (expected.contains(name))
        assert_equal(picture, expected.at(name), 6, 4);
      else if (name != kReadHereOnly)
        unexpected += name + " was read\n";
    } catch (const torchclassify::Error& error) {
      const std::string message = error.what();
      if (expected.contains(name) && !kNotRead.contains(name))
        unexpected += message + "\n";
      if (kNotRead.contains(name) &&
          message.find(kNotRead.at(name)) == std::string::npos)
        unexpected += message + "\n";
      if (message.find(name) == std::string::npos ||
          message.find('\n') != std::string::npos)
        unexpected += "\"" + message + "\"\n";
    }
  }
  const std::string printed = captured.end();

  g_assert_cmpstr(unexpected.c_str(), ==, "");
  g_assert_cmpstr(printed.c_str(), ==, "");
  g_assert_cmpuint(files, ==, 79);
  g_assert_cmpuint(read, ==, expected.size() - kNotRead.size() + 1);
  g_assert_cmpint(peak_memory(), <, 300'000);
}

void test_threads_decode_beside_each_other() {
  const fs::path file = support::test_file("pictures/palette.png");
  const auto expected = read_picture(file);

  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k)
        g_assert_true(read_picture(file).pixels == expected.pixels);
    });
  for (std::thread& thread : threads) thread.join();
}

struct Refused {
  const char* name;
  std::string content;
  const char* word;
};

std::string bytes(const char* text, std::size_t size) { return {text, size}; }

const Refused kRefused[] = {
    {"empty", "", "0 bytes"},
    {"text", "hello", "something else"},
    {"gif", "GIF89a......", "something else"},
    {"no-width", "P6 0 1 255\n", "0x1"},
    {"too-wide", "P6 40000 1 255\n", "40000x1"},
    {"too-many-pixels", "P6 20000 20000 255\n", "20000x20000"},
    {"without-its-pixels", "P6 100 100 255\nabc", "decode"},
    {"strange-levels", "P6 1 1 100\nabc", "255 or 65535 levels"},
    {"no-levels", "P6 1 1", "levels"},
    {"cut-header", bytes("\x89PNG\r\n\x1a\n\0\0", 10), "something else"},
    {"bmp-of-an-unknown-header",
     bytes("BM\0\0\0\0\0\0\0\0\0\0\0\0\x42\0\0\0\1\0\0\0\1\0\0\0", 26) +
         std::string(40, '\0'),
     "known header"},
};

void test_what_is_no_picture_is_refused(gconstpointer data) {
  const auto& refused = *static_cast<const Refused*>(data);
  const auto* first =
      reinterpret_cast<const std::uint8_t*>(refused.content.data());

  expect_error(
      ErrorCode::kBadData,
      [&] {
        torchclassify::decode_picture(first, refused.content.size(), "ORIGIN");
      },
      refused.word, "ORIGIN");
}

void test_what_is_no_file_is_refused() {
  const support::TemporaryFolder folder;

  expect_error(
      ErrorCode::kNotFound, [&] { read_picture(folder / "a.jpg"); }, "a.jpg");
  expect_error(
      ErrorCode::kCannotRead, [&] { read_picture(folder.path()); },
      "regular file", folder.path().c_str());
}

void test_every_changed_byte_is_an_error_or_a_picture() {
  for (const char* name : {"turned_6.webp", "palette.tif", "alpha.png"}) {
    const std::string whole =
        support::read_file(support::test_file("pictures") / name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0xa5);
      try {
        torchclassify::decode_picture(
            reinterpret_cast<const std::uint8_t*>(changed.data()),
            changed.size(), name);
      } catch (const torchclassify::Error&) {
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/picture/each-kind-is-read-as-by-pillow",
                  test_each_kind_is_read_as_by_pillow);
  g_test_add_func("/picture/broken-pictures-are-read-as-by-pillow-or-refused",
                  test_broken_pictures_are_read_as_by_pillow_or_refused);
  g_test_add_func("/picture/threads-decode-beside-each-other",
                  test_threads_decode_beside_each_other);
  support::add_rows("/picture/what-is-no-picture-is-refused", kRefused,
                    test_what_is_no_picture_is_refused);
  g_test_add_func("/picture/what-is-no-file-is-refused",
                  test_what_is_no_file_is_refused);
  g_test_add_func("/picture/every-changed-byte-is-an-error-or-a-picture",
                  test_every_changed_byte_is_an_error_or_a_picture);
  return g_test_run();
}
