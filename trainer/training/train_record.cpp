// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/train_record.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "reporting/text_fields.h"
#include "torchclassify/train/report.h"

namespace torchclassify {

TrainRecord::TrainRecord(std::filesystem::path folder,
                         std::vector<std::string> classes, int epochs)
    : folder_(std::move(folder)),
      classes_(std::move(classes)),
      epochs_(epochs) {
  make_folder(folder_);
  history_ =
      "epoch,train_loss,valid_loss,valid_accuracy,valid_macro_precision,"
      "valid_macro_recall,valid_macro_f1,lr,seconds\n";
  write_status("running", "");
}

void TrainRecord::add(const EpochReport& report) {
  const Metrics& valid = report.validation;
  char line[256];
  std::snprintf(line, sizeof line,
                "%d,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.8g,%.2f\n", report.epoch,
                report.train_loss, valid.loss, valid.accuracy,
                valid.macro.precision, valid.macro.recall, valid.macro.f1,
                report.learning_rate, report.seconds);
  history_ += line;
  epoch_ = report.epoch;
  if (report.best)
    best_epoch_ = report.epoch;
  write_text_file(folder_ / "history.csv", history_);
  if (report.best && report.validated) {
    write_text_file(folder_ / "metrics.json", to_json(valid, classes_) + "\n");
    const ReportOptions page{
        .title = "Training: validation of the best epoch",
        .facts = {{"Epoch", std::to_string(report.epoch) + " of " +
                                std::to_string(epochs_)}}};
    write_text_file(folder_ / "report.html",
                    html_report(page, valid, classes_));
  }
  write_status(epoch_ == epochs_ ? "done" : "running", "");
}

void TrainRecord::fail(const std::string& why) { write_status("failed", why); }

void TrainRecord::write_status(const std::string& state,
                               const std::string& why) const {
  nlohmann::json status = {{"state", state},
                           {"epoch", epoch_},
                           {"epochs", epochs_},
                           {"best_epoch", best_epoch_}};
  if (!why.empty())
    status["error"] = why;
  write_text_file(
      folder_ / "status.json",
      status.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
          "\n");
}

}  // namespace torchclassify
