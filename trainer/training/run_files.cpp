// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/run_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "reporting/text_fields.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// What a killed process was writing.
void remove_partial(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().find(".partial-") != std::string::npos)
      fs::remove(entry.path(), ignored);
  }
}

const fs::path& made(const fs::path& folder) {
  make_folder(folder);
  remove_partial(folder);
  return folder;
}

std::map<std::string, double> scalars(const EpochReport& report) {
  const EpochRecord& record = report.record;
  std::map<std::string, double> values = {
      {"loss/train", record.train_loss},
      {"accuracy/train", record.train_accuracy},
      {"learning_rate", record.learning_rate},
      {"speed/images_per_second", report.images_per_second},
      {"speed/wait_share", report.wait_share}};
  if (record.validated) {
    values["loss/validation"] = record.valid_loss;
    values["accuracy/validation"] = record.valid_accuracy;
    values["accuracy/gap"] = record.accuracy_gap();
    values["macro_f1/validation"] = record.valid_macro.f1;
    values["ece/validation"] = record.valid_ece;
  }
  return values;
}

}  // namespace

RunFiles::RunFiles(const TrainOptions& options)
    : folder_(made(options.output)),
      epochs_(options.epochs),
      keep_last_(options.keep_last),
      events_(folder_) {}

void RunFiles::begin_at(int epoch) {
  events_.restart(epoch);
  events_.flush();
}

void RunFiles::add_epoch(const RunState& state, const EpochReport& report) {
  seconds_ += report.seconds;
  write_text_file(folder_ / "history.csv", to_csv(state.history));
  events_.add_scalars(report.record.epoch, scalars(report));
  events_.flush();
}

void RunFiles::keep_checkpoint(int epoch) const {
  if (keep_last_ == 0)
    return;
  const auto path_of = [this](int number) {
    return folder_ / ("epoch-" + std::to_string(number) + ".ckpt");
  };
  // A link: last.ckpt is replaced as a whole, never written into.
  std::error_code error;
  fs::remove(path_of(epoch), error);
  fs::create_hard_link(folder_ / "last.ckpt", path_of(epoch), error);
  if (error)
    fs::copy_file(folder_ / "last.ckpt", path_of(epoch), error);
  if (error)
    throw Error(ErrorCode::kCannotWrite, "cannot keep a checkpoint (" +
                                             error.message() +
                                             "): " + path_of(epoch).string());
  fs::remove(path_of(epoch - 1 - keep_last_), error);
}

void RunFiles::write_skipped(std::vector<SkippedPicture> skipped) const {
  if (skipped.empty())
    return;
  std::ranges::sort(skipped, {}, &SkippedPicture::name);
  std::string text = "path,reason\n";
  for (const SkippedPicture& picture : skipped)
    text += csv_field(picture.name) + "," + csv_field(picture.reason) + "\n";
  write_text_file(folder_ / "skipped.csv", text);
}

void RunFiles::write_status(const std::string& state, const RunState& run,
                            const std::string& why) const {
  nlohmann::json status = {{"state", state},
                           {"epoch", run.history.size()},
                           {"epochs", epochs_},
                           {"step", run.all_steps},
                           {"best_epoch", run.best_epoch},
                           {"seconds", seconds_}};
  if (!why.empty())
    status["error"] = why;
  write_text_file(
      folder_ / "status.json",
      status.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
          "\n");
}

}  // namespace torchclassify
