// SPDX-License-Identifier: LGPL-2.1-or-later
// Every augmentation's arithmetic against what torchvision made of the same
// pictures with Pillow.
#include <glib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "augment/affine.h"
#include "augment/blur.h"
#include "augment/byte_table.h"
#include "augment/color_change.h"
#include "augment/magnitude.h"
#include "augment/operation.h"
#include "augment/window.h"
#include "preprocess/byte_resizer.h"
#include "support/test_files.h"

using namespace torchclassify;

namespace {

struct Recorded {
  std::string line, kind, operation, result;
  int width, height, channels;
  std::vector<std::string> words;  // the parameters
  std::vector<double> numbers;     // those of them that are numbers
  double number(std::size_t i) const { return numbers.at(i); }
  int whole(std::size_t i) const { return static_cast<int>(numbers.at(i)); }
};

Recorded parse(const std::string& line) {
  Recorded row;
  row.line = line;
  std::istringstream text(line);
  text >> row.kind >> row.width >> row.height >> row.channels >> row.operation;
  for (std::string word; text >> word && word != "=";) {
    char* end = nullptr;
    const double number = g_ascii_strtod(word.c_str(), &end);
    row.words.push_back(word);
    if (*end == '\0')
      row.numbers.push_back(number);
  }
  std::getline(text >> std::ws, row.result);
  return row;
}

std::vector<Recorded> recorded_rows() {
  std::vector<Recorded> rows;
  std::ifstream file(support::test_file("augment/recorded.txt"));
  for (std::string line; std::getline(file, line);) rows.push_back(parse(line));
  g_assert_cmpuint(rows.size(), >, 200);
  return rows;
}

// picture() of record_augment.py.
Picture picture_of(const Recorded& row) {
  Picture picture{row.width, row.height, row.channels, {}};
  for (int y = 0; y < row.height; ++y) {
    for (int x = 0; x < row.width; ++x) {
      for (int c = 0; c < row.channels; ++c) {
        int value = (7 * x + 13 * y + 29 * c + x * y / 8) % 256;
        if (row.kind == "narrow")
          value = value / 3 + 50;
        else if (row.kind == "flat")
          value = 77 + c;
        else if (row.kind == "dark")
          value = value / 32 * (value / 32);
        picture.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return picture;
}

guint64 hash_of(const Picture& picture) {
  std::uint32_t hash = 0x811c9dc5;
  for (const std::uint8_t byte : picture.pixels)
    hash = (hash ^ byte) * 0x1000193;
  return hash;
}

void assert_hash(const Recorded& row, const Picture& result) {
  g_test_message("%s", row.line.c_str());
  g_assert_cmphex(hash_of(result), ==, std::stoull(row.result, nullptr, 16));
}

SampleKind sampling_of(const std::string& operation) {
  return operation.ends_with("bilinear") ? SampleKind::kBilinear
                                         : SampleKind::kNearest;
}

Picture moved(const Recorded& row) {
  const Picture from = picture_of(row);
  Picture to;
  affine(from,
         affine_matrix({.degrees = row.number(0),
                        .translate_x = row.number(1),
                        .translate_y = row.number(2),
                        .scale = row.number(3),
                        .shear_x = row.number(4),
                        .shear_y = row.number(5)},
                       from.width * 0.5, from.height * 0.5),
         sampling_of(row.operation), Border::kBlack, to);
  return to;
}

Picture rotated(const Recorded& row) {
  Picture to;
  rotate(picture_of(row), row.number(0), sampling_of(row.operation), to);
  return to;
}

Picture windowed(const Recorded& row) {
  const Outside outside{row.operation == "window-edge"      ? Border::kEdge
                        : row.operation == "window-reflect" ? Border::kReflect
                                                            : Border::kBlack};
  const Picture from = picture_of(row);
  Picture to;
  cut_window(from.view(),
             {row.whole(0), row.whole(1), row.whole(2), row.whole(3)}, outside,
             outside, to);
  return to;
}

Picture resized(const Recorded& row) {
  const Picture from = picture_of(row);
  ImageView part = from.view();
  part.width = row.whole(2);
  part.height = row.whole(3);
  part.planes[0].data +=
      row.whole(1) * part.planes[0].stride + row.whole(0) * row.channels;
  Picture to{row.whole(4), row.whole(5), row.channels, {}};
  ByteResizer resizer;

  resizer.load(part,
               {{part.width, to.width, 0, to.width},
                {part.height, to.height, 0, to.height}},
               row.operation == "resized-bicubic" ? Interpolation::kBicubic
                                                  : Interpolation::kBilinear,
               row.channels);
  for (int y = 0; y < to.height; ++y) {
    const std::uint8_t* const pixels = resizer.row(y);
    to.pixels.insert(to.pixels.end(), pixels, pixels + to.width * to.channels);
  }
  return to;
}

using Change = std::function<Picture(const Recorded&)>;

// A change of the picture in place, by the first parameter.
template <typename Function>
Change in_place(Function function) {
  return [function](const Recorded& row) {
    Picture picture = picture_of(row);
    function(row.numbers.empty() ? 0 : row.number(0), picture);
    return picture;
  };
}

Change by_histogram(ByteTable (*table_of)(const Histogram&)) {
  return in_place([table_of](double, Picture& picture) {
    Histograms histograms;
    ByteTables tables;
    count_bytes(picture, histograms);
    for (int i = 0; i < picture.channels; ++i)
      tables[i] = table_of(histograms[i]);
    apply_tables(tables, picture);
  });
}

Change by_table(ByteTable (*table_of)(double)) {
  return in_place([table_of](double value, Picture& picture) {
    apply_table(table_of(value), picture);
  });
}

const std::map<std::string, Change>& changes() {
  static const std::map<std::string, Change> all = {
      {"hflip", in_place([](double, Picture& p) { flip_across(p); })},
      {"vflip", in_place([](double, Picture& p) { flip_down(p); })},
      {"affine-nearest", moved},
      {"affine-bilinear", moved},
      {"rotate-nearest", rotated},
      {"rotate-bilinear", rotated},
      {"window-constant", windowed},
      {"window-edge", windowed},
      {"window-reflect", windowed},
      {"resized-bilinear", resized},
      {"resized-bicubic", resized},
      {"brightness", by_table(brightness_table)},
      {"contrast", in_place([](double factor, Picture& p) {
         apply_table(contrast_table(factor, mean_luma(p)), p);
       })},
      {"saturation", in_place(change_saturation)},
      {"sharpness", in_place([](double factor, Picture& p) {
         Picture to;
         sharpen(p, factor, to);
         p = to;
       })},
      {"hue", in_place(turn_hue)},
      {"posterize", in_place([](double bits, Picture& p) {
         apply_table(posterize_table(static_cast<int>(bits)), p);
       })},
      {"solarize", by_table(solarize_table)},
      {"autocontrast", by_histogram(autocontrast_table)},
      {"equalize", by_histogram(equalize_table)},
      {"invert",
       in_place([](double, Picture& p) { apply_table(invert_table(), p); })},
      {"grayscale", in_place([](double, Picture& p) { make_grey(p); })},
  };
  return all;
}

void test_results_are_bit_for_bit_those_recorded() {
  int count = 0;
  for (const Recorded& row : recorded_rows()) {
    const auto change = changes().find(row.operation);
    if (change == changes().end())
      continue;

    const Picture result = change->second(row);

    assert_hash(row, result);
    ++count;
  }
  g_assert_cmpint(count, >, 200);
}

const std::map<std::string, Operation> kNames = {
    {"Identity", Operation::kIdentity},
    {"ShearX", Operation::kShearX},
    {"ShearY", Operation::kShearY},
    {"TranslateX", Operation::kTranslateX},
    {"TranslateY", Operation::kTranslateY},
    {"Rotate", Operation::kRotate},
    {"Brightness", Operation::kBrightness},
    {"Color", Operation::kColor},
    {"Contrast", Operation::kContrast},
    {"Sharpness", Operation::kSharpness},
    {"Posterize", Operation::kPosterize},
    {"Solarize", Operation::kSolarize},
    {"AutoContrast", Operation::kAutoContrast},
    {"Equalize", Operation::kEqualize},
    {"Invert", Operation::kInvert},
};

void test_policies_operations_are_those_recorded() {
  int count = 0;
  for (const Recorded& row : recorded_rows()) {
    if (!row.operation.starts_with("op-"))
      continue;
    Picture picture = picture_of(row);
    Picture scratch{3, 1, 1, {1, 2, 3}};

    apply_operation(kNames.at(row.operation.substr(3)), row.number(0),
                    SampleKind::kNearest, picture, scratch);

    assert_hash(row, picture);
    ++count;
  }
  g_assert_cmpint(count, ==, 32);
}

int byte_at(const std::string& hex, std::size_t index) {
  return std::stoi(hex.substr(1 + 2 * index, 2), nullptr, 16);
}

void test_blur_is_within_one_of_that_recorded() {
  int count = 0;
  for (const Recorded& row : recorded_rows()) {
    if (row.operation != "blur")
      continue;
    Picture picture = picture_of(row);

    GaussianBlur().run(row.number(0), picture);

    g_test_message("%s", row.line.c_str());
    g_assert_cmpuint(row.result.size(), ==, 1 + 2 * picture.pixels.size());
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
      g_assert_cmpint(std::abs(picture.pixels[i] - byte_at(row.result, i)), <=,
                      1);
    ++count;
  }
  g_assert_cmpint(count, ==, 4);
}

const std::map<std::string, MagnitudeScale> kScales = {
    {"auto", MagnitudeScale::kAutoAugment},
    {"rand", MagnitudeScale::kRandAugment},
    {"wide", MagnitudeScale::kTrivialAugmentWide},
    {"mix", MagnitudeScale::kAugMix},
};

// To within float32's rounding, which in torch.linspace() depends on the width
// of the processor's vectors.
void test_magnitudes_are_those_recorded() {
  int count = 0;
  for (const Recorded& row : recorded_rows()) {
    if (row.kind != "magnitude")
      continue;
    std::istringstream values(row.result);
    g_test_message("%s", row.line.c_str());
    for (std::string value; values >> value; ++count) {
      const int bin = std::stoi(value);
      const double expected =
          g_ascii_strtod(value.c_str() + value.find(':') + 1, nullptr);

      const Magnitude got =
          magnitude_of(kScales.at(row.operation), kNames.at(row.words[0]), bin,
                       row.width, row.height);

      g_assert_cmpfloat_with_epsilon(got.value, expected,
                                     1e-6 * std::max(1.0, expected));
      g_assert_cmpint(got.signed_value, ==, row.whole(0));
    }
  }
  g_assert_cmpint(count, >, 100);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/augment-recorded/results-are-bit-for-bit-those-recorded",
                  test_results_are_bit_for_bit_those_recorded);
  g_test_add_func("/augment-recorded/policies-operations-are-those-recorded",
                  test_policies_operations_are_those_recorded);
  g_test_add_func("/augment-recorded/blur-is-within-one-of-that-recorded",
                  test_blur_is_within_one_of_that_recorded);
  g_test_add_func("/augment-recorded/magnitudes-are-those-recorded",
                  test_magnitudes_are_those_recorded);
  return g_test_run();
}
