// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures as video frames get what the program says of them as files.
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bundles.h"
#include "classify_harness.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

struct Answer {
  std::string label;
  float confidence = 0;
};

void assert_same(const std::vector<Answer>& found,
                 const std::vector<Answer>& expected) {
  g_assert_cmpuint(found.size(), ==, expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].label != expected[i].label ||
        found[i].confidence != expected[i].confidence)
      g_error("picture %zu: expected %s with %.9g, got %s with %.9g", i,
              expected[i].label.c_str(), expected[i].confidence,
              found[i].label.c_str(), found[i].confidence);
  }
}

Answer take(const Harness& harness) {
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  const GstStructure* result = result_of(buffer);
  g_assert_nonnull(result);
  double confidence = -1;
  gst_structure_get_double(result, "confidence", &confidence);
  return {gst_structure_get_string(result, "label"),
          static_cast<float>(confidence)};
}

// Every picture's bytes as one frame, pushed as fast as they are taken.
std::vector<Answer> classify(const fs::path& model, const std::string& caps,
                             const std::vector<std::string>& pictures) {
  Harness harness =
      make_harness(("device=cpu model-file=" + model.string()).c_str());
  gst_harness_set_src_caps_str(harness.get(), caps.c_str());
  std::vector<Answer> answers;
  for (const std::string& pixels : pictures) {
    GstBuffer* buffer = gst_buffer_new_memdup(pixels.data(), pixels.size());
    g_assert_cmpint(gst_harness_push(harness.get(), buffer), ==, GST_FLOW_OK);
  }
  for (std::size_t i = 0; i < pictures.size(); ++i)
    answers.push_back(take(harness));
  return answers;
}

// Rows of path,label,predicted,confidence.
std::vector<Answer> read_predictions(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Answer> answers;
  std::string line;
  std::getline(file, line);
  g_assert_cmpstr(line.c_str(), ==, "path,label,predicted,confidence");
  while (std::getline(file, line)) {
    g_auto(GStrv) fields = g_strsplit(line.c_str(), ",", -1);
    g_assert_cmpuint(g_strv_length(fields), ==, 4);
    answers.push_back({fields[2], std::strtof(fields[3], nullptr)});
  }
  return answers;
}

// The first bytes of a .gz, with another count in the IDX header.
std::string first_of_idx(const fs::path& path, int header, std::size_t count,
                         std::size_t each) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(
      gzopen(path.c_str(), "rb"), gzclose);
  g_assert_nonnull(file.get());
  std::string bytes(header + count * each, '\0');
  g_assert_cmpint(gzread(file.get(), bytes.data(), bytes.size()), ==,
                  bytes.size());
  for (int i = 0; i < 4; ++i)
    bytes[4 + i] = static_cast<char>(count >> (24 - 8 * i));
  return bytes;
}

constexpr int kImageHeader = 16;
constexpr std::size_t kDigitBytes = 28 * 28;

void write_digits(const fs::path& from, const fs::path& to, const char* stem,
                  std::size_t count) {
  const std::string name = stem;
  write_file(to / (name + "-images-idx3-ubyte"),
             first_of_idx(from / (name + "-images-idx3-ubyte.gz"), kImageHeader,
                          count, kDigitBytes));
  write_file(
      to / (name + "-labels-idx1-ubyte"),
      first_of_idx(from / (name + "-labels-idx1-ubyte.gz"), 8, count, 1));
}

std::vector<std::string> read_digits(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(kImageHeader);
  std::vector<std::string> digits;
  std::string pixels(kDigitBytes, '\0');
  while (file.read(pixels.data(), kDigitBytes)) digits.push_back(pixels);
  return digits;
}

void test_digits_are_as_evaluated(void) {
  const fs::path mnist = real_data_or_skip("mnist");
  if (mnist.empty())
    return;
  const TemporaryFolder folder;
  write_digits(mnist, folder.path(), "train", 3000);
  write_digits(mnist, folder.path(), "t10k", 1000);
  torchclassify({"train", "--data-path", folder.path(), "--dataset", "mnist",
                 "--model", "simple_cnn", "--epochs", "1", "--workers", "1",
                 "--output-dir", folder / "run"});
  const fs::path model = folder / "run/best.safetensors";
  torchclassify({"evaluate", "--model-file", model, "--data-path",
                 folder.path(), "--dataset", "mnist", "--device", "cpu",
                 "--report-dir", folder / "report"});

  const std::vector<Answer> found =
      classify(model, "video/x-raw,format=GRAY8,width=28,height=28",
               read_digits(folder / "t10k-images-idx3-ubyte"));

  assert_same(found, read_predictions(folder / "report/predictions.csv"));
  g_assert_cmpuint(found.size(), ==, 1000);
}

// Sizes that have to be resized, up and down.
struct Size {
  const char* name;
  int width;
  int height;
};
constexpr Size kSizes[] = {
    {"28x28", 28, 28}, {"5x9", 5, 9}, {"131x67", 131, 67}, {"1x40", 1, 40}};

std::string noise(const Size& size, unsigned seed) {
  std::string pixels(3 * size.width * size.height, '\0');
  for (char& value : pixels)
    value = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return pixels;
}

// As RGB frames with rows of a multiple of four bytes.
std::string rows(const Size& size, const std::string& pixels) {
  std::string padded;
  const std::size_t row = 3 * size.width;
  for (int y = 0; y < size.height; ++y)
    padded += pixels.substr(y * row, row) + std::string((4 - row % 4) % 4, 'x');
  return padded;
}

void test_pictures_are_as_predicted(gconstpointer data) {
  const auto& size = *static_cast<const Size*>(data);
  const TemporaryFolder folder;
  std::vector<std::string> words = {"predict",  "--model-file", shades_bundle(),
                                    "--device", "cpu",          "--format",
                                    "json"};
  std::vector<std::string> frames;
  for (unsigned i = 0; i < 8; ++i) {
    const std::string pixels = noise(size, i);
    const fs::path path = folder / (std::to_string(i) + ".ppm");
    write_ppm(path, size.width, size.height, pixels);
    words.push_back(path);
    frames.push_back(rows(size, pixels));
  }
  std::vector<Answer> expected;
  std::istringstream lines(torchclassify(words).out);
  for (std::string line; std::getline(lines, line);) {
    const auto top = nlohmann::json::parse(line)["top"][0];
    expected.push_back({top["label"], top["confidence"].get<float>()});
  }

  const std::vector<Answer> found =
      classify(shades_bundle(),
               "video/x-raw,format=RGB,width=" + std::to_string(size.width) +
                   ",height=" + std::to_string(size.height),
               frames);

  assert_same(found, expected);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/agreement/digits-are-as-evaluated",
                  test_digits_are_as_evaluated);
  support::add_rows("/agreement/pictures-are-as-predicted", kSizes,
                    test_pictures_are_as_predicted);
  return g_test_run();
}
