// SPDX-License-Identifier: LGPL-2.1-or-later
// The program on real weights, photographs, clips and broken files.
#include <glib.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::json_lines;
using program::run;
using program::run_well;
using support::real_data_or_skip;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr char kWeights[] = "weights/mobilenet_v2-imagenet-f16.safetensors";

// A line of tests/data/imagenet-mini/logits.txt, see record.py beside it.
struct Recorded {
  int best = -1;
  std::vector<double> logits;  // numbers 0, 125, ..., 875
};

std::map<std::string, Recorded> read_recorded() {
  std::map<std::string, Recorded> all;
  std::ifstream file(support::test_file("imagenet-mini/logits.txt"));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    Recorded recorded;
    words >> name >> recorded.best;
    for (double logit; words >> logit;) recorded.logits.push_back(logit);
    all[name] = recorded;
  }
  return all;
}

double largest_difference(const Json& logits, const Recorded& recorded) {
  constexpr std::size_t kStep = 125;
  double largest = 0;
  for (std::size_t i = 0; i < recorded.logits.size(); ++i) {
    const double here = logits.at(i * kStep).get<double>();
    largest = std::max(largest, std::abs(here - recorded.logits[i]));
  }
  return largest;
}

void test_photographs_get_the_logits_of_torchvision() {
  const fs::path pictures = real_data_or_skip("imagenet-mini");
  const fs::path weights = real_data_or_skip(kWeights);
  if (pictures.empty() || weights.empty())
    return;
  const TemporaryFolder folder;
  const auto recorded = read_recorded();
  run_well({"convert", weights, "--model", "mobilenet_v2", "--classes",
            pictures / "imagenet_classes.txt", "-o", folder / "m"});

  const auto outcome =
      run_well({"predict", "--model-file", folder / "m", "--precision", "fp32",
                "--format", "json", "--logits", pictures});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 50);
  g_assert_cmpuint(recorded.size(), ==, 50);
  double worst = 0;
  for (const Json& line : lines) {
    const fs::path path = line["path"].get<std::string>();
    const Recorded& expected = recorded.at(path.filename());
    g_assert_cmpint(line["top"][0]["label_id"].get<int>(), ==, expected.best);
    worst = std::max(worst, largest_difference(line["logits"], expected));
  }
  g_test_message("largest difference of a logit: %g", worst);
  g_assert_cmpfloat(worst, <=, 1e-3);
}

struct Clip {
  const char* name;
  std::size_t frames;
  std::int64_t frame_ns;
  bool index_first;  // moov before mdat
};

constexpr Clip kClips[] = {
    {"intel_car-detection.mp4", 377, 80'000'000, true},
    {"ocv4node_traffic.mp4", 480, 41'708'375, false},
    {"udacity_solidWhiteRight.mp4", 221, 40'000'000, true},
};

void test_a_clip_gives_every_frame_its_time(gconstpointer data) {
  const Clip& clip = *static_cast<const Clip*>(data);
  const fs::path folder = real_data_or_skip("video");
  if (folder.empty())
    return;
  const auto& model = ColorModel::shared();

  const auto outcome = run_well({"predict", "--model-file", model.bundle(),
                                 "--format", "json", folder / clip.name});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, clip.frames);
  program::expect_keys(lines[0], {"path", "frame", "pts", "top"});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    g_assert_cmpint(lines[i]["frame"].get<std::int64_t>(), ==, number);
    const auto late =
        lines[i]["pts"].get<std::int64_t>() - number * clip.frame_ns;
    g_assert_cmpint(std::abs(late), <, 1000);
  }
}

void test_a_step_passes_over_frames() {
  const fs::path folder = real_data_or_skip("video");
  if (folder.empty())
    return;
  const auto& model = ColorModel::shared();

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "json",
                "--frame-step", "100", folder / kClips[0].name});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 4);
  g_assert_true(lines[3]["frame"] == 300);
  g_assert_true(lines[3]["pts"] == 300 * kClips[0].frame_ns);
}

// Half of the file: with the index at its begin, half of the frames.
void test_half_a_clip_is_no_noise(gconstpointer data) {
  const Clip& clip = *static_cast<const Clip*>(data);
  const fs::path folder = real_data_or_skip("video");
  if (folder.empty())
    return;
  const auto& model = ColorModel::shared();
  const TemporaryFolder copy;
  std::string bytes = support::read_file(folder / clip.name);
  bytes.resize(bytes.size() / 2);
  support::write_file(copy / "half.mp4", bytes);

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--format", "json", copy / "half.mp4"});

  const auto lines = json_lines(outcome.out);
  if (clip.index_first) {
    g_assert_cmpint(outcome.status, ==, program::kDone);
    g_assert_cmpstr(outcome.err.c_str(), ==, "");
    g_assert_cmpuint(lines.size(), >, clip.frames / 3);
    g_assert_cmpuint(lines.size(), <, clip.frames);
  } else {
    g_assert_cmpuint(lines.size(), ==, 1);
    program::expect_keys(lines[0], {"path", "error"});
    expect_failure(outcome, program::kBadData, {"expected a video"});
  }
}

// Named one by one, for a folder is searched by the files' extensions.
void test_each_broken_picture_is_one_line() {
  const fs::path folder = real_data_or_skip("corrupt-images");
  if (folder.empty())
    return;
  const auto& model = ColorModel::shared();
  Arguments arguments = {"predict", "--model-file", model.bundle(), "--format",
                         "json"};
  const std::size_t before = arguments.size();
  for (const auto& entry : fs::directory_iterator(folder))
    arguments.push_back(entry.path());

  const auto outcome = run(arguments);

  expect_failure(outcome, program::kBadData, {"of 79 files"});
  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, arguments.size() - before);
  for (const Json& line : lines) {
    const bool failed = line.contains("error");
    program::expect_keys(line, {"path", failed ? "error" : "top"});
  }
}

// What Pillow refuses too, and what both read.
struct Broken {
  const char* name;
  bool readable;
};

constexpr Broken kBroken[] = {
    {"corrupt.jpg", false},
    {"pillow_truncated_jpeg.jpg", false},
    {"pillow_broken.png", false},
    {"pillow_bmp_b_reallybig.bmp", false},
    {"pillow_bmp_g_rgb32bf.bmp", false},
    {"pillow_decompression_bomb.gif", false},
    {"pillow_libtiff_segfault.tif", false},
    {"bad_huffman.jpg", true},
    {"cmyk_pytorch.jpg", true},
    {"grayalpha_pytorch.png", true},
    {"palette_pytorch.png", true},
    {"hopper_orientation_6.jpg", true},
};

void test_a_broken_picture_is_judged_as_by_pillow(gconstpointer data) {
  const Broken& broken = *static_cast<const Broken*>(data);
  const fs::path folder = real_data_or_skip("corrupt-images");
  if (folder.empty())
    return;
  const auto& model = ColorModel::shared();

  const auto outcome = run({"predict", "--model-file", model.bundle(),
                            "--format", "json", folder / broken.name});

  g_assert_cmpint(outcome.status, ==,
                  broken.readable ? program::kDone : program::kBadData);
  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 1);
  g_assert_true(lines[0].contains(broken.readable ? "top" : "error"));
}

constexpr const char* kForeign[] = {"resnet20-12fca82f.th", "pytorch_lenet5.pt",
                                    "sample_3x4_two_input_two_output.pt"};

void test_a_pytorch_file_is_no_model(gconstpointer name) {
  const fs::path folder = real_data_or_skip("weights");
  if (folder.empty())
    return;
  const std::string file = folder / static_cast<const char*>(name);
  const bool code = file.ends_with(".pt");
  const Arguments commands[] = {{"predict", "a.jpg", "--model-file", file},
                                {"benchmark", "--model-file", file}};

  for (const Arguments& command : commands) {
    const auto outcome = run(command);

    expect_failure(outcome, program::kBadData,
                   {code ? "--allow-code" : "torchclassify convert", file});
  }
}

void test_code_is_inspected_without_running_it() {
  const auto file = real_data_or_skip("weights/pytorch_lenet5.pt");
  if (file.empty())
    return;
  const TemporaryFolder folder;

  const Json json = Json::parse(run_well({"inspect", "--json", file}).out);
  const auto converted = run({"convert", file, "-o", folder / "out"});

  g_assert_true(json["format"] == "TorchScript");
  g_assert_true(json["executes_code"] == true);
  expect_failure(converted, program::kBadData, {"executes code", file});
}

// akamaster's ResNet-20: its name tells the rest.
void test_published_cifar_weights_need_nothing_else() {
  const auto weights = real_data_or_skip("weights/resnet20-12fca82f.th");
  const auto archive = real_data_or_skip("cifar10-mini.tar");
  if (weights.empty() || archive.empty())
    return;
  const TemporaryFolder folder;
  const std::string unpack =
      "tar -C " + folder.path().string() + " -xf " + archive.string();
  g_assert_true(g_spawn_command_line_sync(unpack.c_str(), nullptr, nullptr,
                                          nullptr, nullptr));

  run_well({"convert", weights, "-o", folder / "resnet20"});
  const Json metrics = Json::parse(
      run_well({"evaluate", "--json", "--model-file", folder / "resnet20",
                "--data-path", folder / "cifar10-mini/test"})
          .out);

  // 91.73 % of all 10,000; these are 200.
  g_assert_cmpfloat(metrics.at("accuracy").get<double>(), >=, 0.87);
}

void test_downloaded_weights_are_not_fetched_again() {
  const auto weights = real_data_or_skip("weights/resnet20-12fca82f.th");
  if (weights.empty())
    return;
  const TemporaryFolder folder;
  fs::copy_file(weights, folder / "resnet20-12fca82f.th");

  run_well({"convert", "--download", "cifar_resnet20", "--cache-dir",
            folder.path(), "--mirror", "http://127.0.0.1:1", "-o",
            folder / "out"});

  g_assert_true(fs::exists(folder / "out"));
}

void test_an_unreachable_server_is_said() {
  const TemporaryFolder folder;

  const auto outcome = run({"convert", "--download", "cifar_resnet20",
                            "--cache-dir", folder.path(), "--mirror",
                            "http://127.0.0.1:1", "-o", folder / "out"});

  expect_failure(outcome, program::kTryAgain,
                 {"http://127.0.0.1:1/resnet20-12fca82f.th"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/real/photographs-get-the-logits-of-torchvision",
                  test_photographs_get_the_logits_of_torchvision);
  for (const Clip& clip : kClips) {
    g_autofree char* whole = g_strdup_printf(
        "/program/real/a-clip-gives-every-frame-its-time/%s", clip.name);
    g_test_add_data_func(whole, &clip, test_a_clip_gives_every_frame_its_time);
    g_autofree char* half =
        g_strdup_printf("/program/real/half-a-clip-is-no-noise/%s", clip.name);
    g_test_add_data_func(half, &clip, test_half_a_clip_is_no_noise);
  }
  g_test_add_func("/program/real/published-cifar-weights-need-nothing-else",
                  test_published_cifar_weights_need_nothing_else);
  g_test_add_func("/program/real/downloaded-weights-are-not-fetched-again",
                  test_downloaded_weights_are_not_fetched_again);
  g_test_add_func("/program/real/an-unreachable-server-is-said",
                  test_an_unreachable_server_is_said);
  g_test_add_func("/program/real/a-step-passes-over-frames",
                  test_a_step_passes_over_frames);
  g_test_add_func("/program/real/each-broken-picture-is-one-line",
                  test_each_broken_picture_is_one_line);
  support::add_rows("/program/real/a-broken-picture-is-judged-as-by-pillow",
                    kBroken, test_a_broken_picture_is_judged_as_by_pillow);
  for (const char* name : kForeign) {
    g_autofree char* path =
        g_strdup_printf("/program/real/a-pytorch-file-is-no-model/%s", name);
    g_test_add_data_func(path, name, test_a_pytorch_file_is_no_model);
  }
  g_test_add_func("/program/real/code-is-inspected-without-running-it",
                  test_code_is_inspected_without_running_it);
  return g_test_run();
}
