// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify predict`: labels for pictures, folders and videos.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "command.h"
#include "commands/picture_explanations.h"
#include "in_flight.h"
#include "model_options.h"
#include "prediction_format.h"
#include "printing.h"
#include "torchclassify/error.h"
#include "torchclassify/train/picture.h"
#include "video.h"

namespace torchclassify {
namespace {

namespace fs = std::filesystem;

struct PredictOptions {
  ClassifierOptions model;
  RequestOptions request;
  ExplanationOptions explain;
  std::string format = "text";
  int frame_step = 1;
  std::vector<std::string> paths;
};

class Predictor {
 public:
  explicit Predictor(const PredictOptions& options)
      : options_(options),
        classifier_(open_classifier(options.model)),
        format_(make_prediction_format(options.format, classifier_->classes())),
        in_flight_(*classifier_, options.request) {
    if (!options.explain.folder.empty())
      explanations_ = std::make_unique<PictureExplanations>(
          options.explain, options.model.model_file, options.model.device,
          classifier_->classes());
    print(format_->header());
  }

  // Error kBadData at the end if anything could not be read.
  void run() {
    for (const std::string& path : options_.paths) predict_path(path);
    in_flight_.finish();
    if (failures_ > 0)
      throw Error(ErrorCode::kBadData,
                  std::to_string(failures_) + " of " + std::to_string(files_) +
                      " files gave no answer, the first: " + first_failure_);
  }

 private:
  void predict_path(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error))
      predict_folder(path);
    else
      predict_file(path);
  }

  void predict_folder(const fs::path& folder) {
    std::vector<fs::path> files;
    try {
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_directory() &&
            (is_picture_file(entry.path()) || is_video_file(entry.path())))
          files.push_back(entry.path());
      }
    } catch (const fs::filesystem_error& error) {
      ++files_;
      return fail(folder.string(), "cannot list: " + error.code().message());
    }
    if (files.empty()) {
      ++files_;
      return fail(folder.string(), "expected pictures or videos, found none: " +
                                       folder.string());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) predict_file(file);
  }

  void predict_file(const fs::path& path) {
    ++files_;
    try {
      if (is_video_file(path))
        video_ = open_video(path);
      else
        picture_ = std::make_shared<const Picture>(read_picture(path));
    } catch (const Error& error) {
      return fail(path.string(), error.what());
    }
    if (is_video_file(path))
      predict_video(path);
    else
      submit(picture_->view(), {.path = path.string()});
  }

  std::unique_ptr<VideoReader> open_video(const fs::path& path) const {
    if (explanations_)
      throw Error(
          ErrorCode::kUnsupported,
          "expected a picture to explain, got a video: " + path.string());
    return std::make_unique<VideoReader>(path);
  }

  // A video that ends early gives what it had.
  void predict_video(const fs::path& path) {
    VideoFrame frame;
    if (!video_->next(frame))
      return fail(path.string(), "expected a video, got one without a frame: " +
                                     path.string());
    do {
      submit(frame.image, {.path = path.string(),
                           .frame = frame.number,
                           .pts_ns = frame.pts_ns});
    } while (video_->skip(options_.frame_step - 1) && video_->next(frame));
  }

  void submit(const ImageView& image, PredictionRecord record) {
    record.with_logits = options_.request.logits;
    const auto kept = explanations_ ? picture_ : nullptr;
    in_flight_.submit(
        image, [this, record, kept](const InFlight::Answer& answer) {
          PredictionRecord complete = record;
          complete.result = answer();
          if (!complete.result.finite)
            return report_failure(complete.path,
                                  "the model's answer is NaN or Inf");
          print(format_->record(complete));
          if (kept)
            explanations_->write(complete.path, *kept,
                                 complete.result.top.at(0).label_id);
        });
  }

  void fail(const std::string& path, const std::string& reason) {
    in_flight_.pass([this, path, reason] { report_failure(path, reason); });
  }

  void report_failure(const std::string& path, const std::string& reason) {
    if (failures_++ == 0)
      first_failure_ = reason;
    print(format_->record({.path = path, .error = reason}));
  }

  const PredictOptions& options_;
  const std::unique_ptr<Classifier> classifier_;
  const std::unique_ptr<PredictionFormat> format_;
  std::unique_ptr<PictureExplanations> explanations_;  // null: none wanted
  InFlight in_flight_;  // goes before the classifier
  // The file at hand, unless it is a video.
  std::shared_ptr<const Picture> picture_;
  std::unique_ptr<VideoReader> video_;
  std::int64_t files_ = 0;
  std::int64_t failures_ = 0;
  std::string first_failure_;
};

void add_options(CLI::App& command, PredictOptions& options) {
  add_model_options(command, options.model)->required();
  command.add_option("--labels-file", options.model.labels_file,
                     "Class names to use instead of the bundle's");
  command
      .add_option("--top-k", options.request.top_k,
                  "How many classes to report, the most likely first")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      .add_option("--format", options.format,
                  "text, json (an object a line) or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}))
      ->capture_default_str();
  command.add_flag("--logits", options.request.logits,
                   "Also give the raw output, with --format json");
  command
      .add_option("--frame-step", options.frame_step,
                  "Classify every N-th frame of a video")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  auto* const explain = command.add_option(
      "--explain", options.explain.folder,
      "Folder for a PNG of each picture under its Grad-CAM map: where the "
      "model saw the class");
  command
      .add_option("--explain-class", options.explain.class_name,
                  "Class to look for; the predicted one if not given")
      ->needs(explain);
  command
      .add_option("paths", options.paths,
                  "Pictures, videos, and folders of them")
      ->required();
}

}  // namespace

void add_predict_command(CLI::App& app) {
  auto* command = app.add_subcommand("predict", "Label pictures and videos");
  const auto options = std::make_shared<PredictOptions>();
  add_options(*command, *options);
  command->callback([options] {
    if (options->request.logits && options->format != "json")
      throw CLI::ValidationError("--logits", "needs --format json");
    Predictor(*options).run();
  });
}

}  // namespace torchclassify
