// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formatted.h"
#include "torchclassify/train/history.h"

namespace torchclassify {
namespace {

std::string number(double value) { return formatted("%.8g", value); }

// Empty fields where nothing was measured.
std::string validation_fields(const EpochRecord& record) {
  std::string fields;
  for (const double value :
       {record.valid_loss, record.valid_accuracy, record.valid_top5_accuracy,
        record.valid_balanced_accuracy, record.valid_macro.precision,
        record.valid_macro.recall, record.valid_macro.f1, record.valid_ece,
        record.accuracy_gap()}) {
    fields += ',';
    if (record.validated)
      fields += number(value);
  }
  return fields;
}

}  // namespace

std::string to_csv(const History& history) {
  std::string text =
      "epoch,train_loss,train_accuracy,lr,valid_loss,valid_accuracy,"
      "valid_top5_accuracy,valid_balanced_accuracy,valid_macro_precision,"
      "valid_macro_recall,valid_macro_f1,valid_ece,accuracy_gap,best\n";
  for (const EpochRecord& record : history)
    text += std::to_string(record.epoch) + "," + number(record.train_loss) +
            "," + number(record.train_accuracy) + "," +
            number(record.learning_rate) + validation_fields(record) + "," +
            (record.best ? "1" : "0") + "\n";
  return text;
}

}  // namespace torchclassify
