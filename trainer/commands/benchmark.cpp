// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify benchmark`: how fast preprocessing, engine and both are here.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "command.h"
#include "formatted.h"
#include "in_flight.h"
#include "model_options.h"
#include "preprocess/preprocess.h"
#include "printing.h"
#include "torchclassify/classifier.h"

namespace torchclassify {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct BenchmarkOptions {
  ClassifierOptions model;
  std::vector<int> batch_sizes = {1};
  double seconds = 3;
  bool json = false;
};

// A frame whose content is no special case for anything.
class SyntheticFrame {
 public:
  static SyntheticFrame nv12(int width, int height) {
    SyntheticFrame frame(static_cast<std::size_t>(width) * height * 3 / 2);
    const auto luma = static_cast<std::size_t>(width) * height;
    frame.view_ = {.width = width, .height = height};
    frame.view_.format = PixelFormat::kNv12;
    frame.view_.matrix = ColorMatrix::kBt709;
    frame.view_.planes[0] = {frame.bytes_.data(), width, luma};
    frame.view_.planes[1] = {frame.bytes_.data() + luma, width, luma / 2};
    return frame;
  }

  // Of a size that needs no resizing: next to nothing to preprocess.
  static SyntheticFrame input(const Preprocessing& preprocessing) {
    const bool cropped = preprocessing.resize_mode == ResizeMode::kShorterSide;
    const int width =
        cropped ? preprocessing.resize_size : preprocessing.crop_width;
    const int height =
        cropped ? preprocessing.resize_size : preprocessing.crop_height;
    const int channels = preprocessing.channels;
    SyntheticFrame frame(static_cast<std::size_t>(width) * height * channels);
    frame.view_ = {.width = width, .height = height};
    frame.view_.format =
        channels == 1 ? PixelFormat::kGray8 : PixelFormat::kRgb;
    frame.view_.range = ColorRange::kFull;
    frame.view_.planes[0] = {frame.bytes_.data(),
                             std::ptrdiff_t{width} * channels,
                             frame.bytes_.size()};
    return frame;
  }

  const ImageView& view() const { return view_; }

 private:
  explicit SyntheticFrame(std::size_t size) : bytes_(size) {
    std::uint32_t state = 1;
    for (std::uint8_t& byte : bytes_) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<std::uint8_t>(16 + (state >> 24) % 220);
    }
  }

  std::vector<std::uint8_t> bytes_;  // its address survives a move
  ImageView view_;
};

std::int64_t ns_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() -
                                                              start)
      .count();
}

std::int64_t percentile(std::vector<std::int64_t> times, double share) {
  const auto at =
      times.begin() + static_cast<std::ptrdiff_t>(
                          share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

Json figures(const std::vector<std::int64_t>& times, std::int64_t total) {
  return {{"images_per_second", static_cast<double>(times.size()) * 1e9 /
                                    static_cast<double>(total)},
          {"p50", percentile(times, 0.5)},
          {"p99", percentile(times, 0.99)}};
}

// One picture after the other on this thread.
Json measure_preprocess(const Preprocessing& preprocessing,
                        const ImageView& image, double seconds) {
  Preprocessor preprocessor(preprocessing);
  std::vector<float> output(input_size(preprocessing));
  preprocessor.run(image, output.data());  // makes its tables
  std::vector<std::int64_t> times;
  const auto start = Clock::now();
  do {
    const auto begin = Clock::now();
    preprocessor.run(image, output.data());
    times.push_back(ns_since(begin));
  } while (static_cast<double>(ns_since(start)) < seconds * 1e9);
  return figures(times, ns_since(start));
}

// As many pictures as the classifier takes; times are from submit() to result.
Json measure_classifier(Classifier& classifier, const ImageView& image,
                        double seconds) {
  std::vector<std::int64_t> times;
  const auto start = Clock::now();
  InFlight in_flight(classifier, {});
  do {
    in_flight.submit(image, [&times](const InFlight::Answer& answer) {
      times.push_back(answer().latency_ns);
    });
  } while (static_cast<double>(ns_since(start)) < seconds * 1e9);
  in_flight.finish();
  return figures(times, ns_since(start));
}

Json with_setting(const Statistics& statistics, Json figures) {
  Json json = {{"batch", statistics.batch_size},
               {"workers", statistics.workers}};
  json.update(figures);
  return json;
}

Json benchmark(const BenchmarkOptions& options) {
  constexpr int kWidth = 1920;
  constexpr int kHeight = 1080;
  const SyntheticFrame frame = SyntheticFrame::nv12(kWidth, kHeight);
  Json json;
  Json engine = Json::array();
  Json end_to_end = Json::array();
  for (const int batch_size : options.batch_sizes) {
    ClassifierOptions model = options.model;
    model.batch_size = batch_size;
    const auto classifier = open_classifier(model);
    const Preprocessing& preprocessing = classifier->info().preprocessing;
    const Statistics statistics = classifier->statistics();
    if (json.empty()) {
      json = {{"model", model.model_file},
              {"architecture", classifier->info().architecture},
              {"device", statistics.device},
              {"preprocess",
               {{"width", kWidth}, {"height", kHeight}, {"format", "NV12"}}}};
      json["preprocess"].update(
          measure_preprocess(preprocessing, frame.view(), options.seconds));
    }
    const SyntheticFrame input = SyntheticFrame::input(preprocessing);
    engine.push_back(with_setting(
        statistics,
        measure_classifier(*classifier, input.view(), options.seconds)));
    end_to_end.push_back(with_setting(
        statistics,
        measure_classifier(*classifier, frame.view(), options.seconds)));
  }
  json["engine"] = engine;
  json["end_to_end"] = end_to_end;
  return json;
}

std::string to_line(const char* name, const Json& figures) {
  return formatted(
      "%-10s batch=%d workers=%d images_per_second=%.1f p50_ms=%.3f "
      "p99_ms=%.3f\n",
      name, figures.value("batch", 1), figures.value("workers", 1),
      figures["images_per_second"].get<double>(),
      figures["p50"].get<double>() * 1e-6, figures["p99"].get<double>() * 1e-6);
}

std::string to_text(const Json& json) {
  std::string text = to_line("preprocess", json["preprocess"]);
  for (const char* name : {"engine", "end_to_end"}) {
    for (const Json& figures : json[name]) text += to_line(name, figures);
  }
  return text;
}

}  // namespace

void add_benchmark_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "benchmark", "Measure speed: preprocessing of 1080p NV12, engine, both");
  const auto options = std::make_shared<BenchmarkOptions>();
  add_model_options(*command, options->model)->required();
  command->remove_option(command->get_option("--batch-size"));
  command
      ->add_option("--batch-size", options->batch_sizes,
                   "Largest batches to measure, pictures, with commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--seconds", options->seconds,
                   "How long each measurement takes, seconds")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object, times in ns");
  command->callback([options] {
    const Json json = benchmark(*options);
    print(options->json ? json.dump(2) + "\n" : to_text(json));
  });
}

}  // namespace torchclassify
