// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/train_console.h"

#include "formatted.h"
#include "printing.h"

namespace torchclassify {
namespace {

std::string validation_text(const EpochRecord& record) {
  if (!record.validated)
    return {};
  return formatted(
      " valid_loss=%.4f valid_accuracy=%.4f valid_macro_precision=%.4f "
      "valid_macro_recall=%.4f valid_macro_f1=%.4f gap=%.4f best=%d",
      record.valid_loss, record.valid_accuracy, record.valid_macro.precision,
      record.valid_macro.recall, record.valid_macro.f1, record.accuracy_gap(),
      record.best);
}

std::string bar_text(const StepReport& report) {
  constexpr std::size_t kWidth = 24;
  const std::size_t done = report.step * kWidth / report.steps;
  return formatted(
      "\repoch %d [%s%s] %zu/%zu  loss %.4f  lr %.4g  %.0f img/s  "
      "eta %s\033[K",
      report.epoch, std::string(done, '#').c_str(),
      std::string(kWidth - done, '.').c_str(), report.step, report.steps,
      report.loss, report.learning_rate, report.images_per_second,
      duration_text(report.seconds_left).c_str());
}

}  // namespace

std::string duration_text(double seconds) {
  const auto all = static_cast<long>(seconds + 0.5);
  if (all >= 3600)
    return formatted("%ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
  return formatted("%ld:%02ld", all / 60, all % 60);
}

void TrainConsole::epoch(const EpochReport& report) {
  const EpochRecord& record = report.record;
  line(formatted("epoch=%d train_loss=%.4f train_accuracy=%.4f", record.epoch,
                 record.train_loss, record.train_accuracy) +
       validation_text(record) +
       formatted(" lr=%.6g seconds=%.1f img_per_second=%.0f wait_share=%.3f",
                 record.learning_rate, report.seconds, report.images_per_second,
                 report.wait_share));
}

void TrainConsole::step(const StepReport& report) {
  if (!terminal_) {
    line(
        formatted("epoch=%d step=%zu steps=%zu loss=%.4f lr=%.6g "
                  "img_per_second=%.0f",
                  report.epoch, report.step, report.steps, report.loss,
                  report.learning_rate, report.images_per_second));
    return;
  }
  print(bar_text(report));
  bar_open_ = true;
  finish_printing();
}

void TrainConsole::line(const std::string& text) {
  clear_bar();
  print(text + "\n");
  finish_printing();
}

void TrainConsole::clear_bar() {
  if (bar_open_)
    print("\r\033[K");
  bar_open_ = false;
}

}  // namespace torchclassify
