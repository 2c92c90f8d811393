// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measures/predictions_csv.h"

#include "formatted.h"
#include "measures/decisions.h"
#include "measures/softmax.h"
#include "reporting/text_fields.h"

namespace torchclassify {
namespace {

// Fields separated by | within one field of a table.
void join(std::string& list, const std::string& entry) {
  list += (list.empty() ? "" : "|") + entry;
}

std::string confidence_text(double confidence) {
  return formatted("%.9g", confidence);
}

std::string several_fields(const Answers& answers, std::size_t i,
                           const std::vector<std::string>& classes,
                           const std::vector<float>& thresholds) {
  const auto logits = answers.row(i);
  std::string truth;
  std::string predicted;
  std::string confidences;
  for (std::size_t label = 0; label < logits.size(); ++label) {
    if (answers.targets[i * logits.size() + label] != 0)
      join(truth, classes[label]);
    if (!is_predicted(logits[label], label, thresholds))
      continue;
    join(predicted, classes[label]);
    join(confidences, confidence_text(sigmoid(logits[label])));
  }
  return csv_field(truth) + "," + csv_field(predicted) + "," + confidences;
}

std::string single_fields(const Answers& answers, std::size_t i,
                          const std::vector<std::string>& classes,
                          double confidence) {
  const auto truth = static_cast<std::size_t>(answers.truth[i]);
  const std::size_t predicted = predicted_class(answers.row(i));
  return csv_field(classes[truth]) + "," + csv_field(classes[predicted]) + "," +
         confidence_text(confidence);
}

}  // namespace

std::string predictions_csv(const Answers& answers, const Dataset& data,
                            const std::vector<std::string>& classes,
                            const std::vector<float>& thresholds,
                            const std::vector<double>& confidences) {
  std::string text = "path,label,predicted,confidence\n";
  for (std::size_t i = 0; i < answers.size(); ++i)
    text += csv_field(data.name(answers.indices[i])) + "," +
            (answers.targets.empty()
                 ? single_fields(answers, i, classes, confidences[i])
                 : several_fields(answers, i, classes, thresholds)) +
            "\n";
  return text;
}

}  // namespace torchclassify
