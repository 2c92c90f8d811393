// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prediction_format.h"

#include <nlohmann/json.hpp>

#include "formatted.h"
#include "reporting/text_fields.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class JsonFormat : public PredictionFormat {
 public:
  explicit JsonFormat(const std::vector<std::string>& classes)
      : classes_(classes) {}

  std::string record(const PredictionRecord& record) const override {
    Json line = {{"path", record.path}};
    if (!record.error.empty()) {
      line["error"] = record.error;
      return dump(line) + "\n";
    }
    if (record.frame)
      line["frame"] = *record.frame;
    if (record.pts_ns)
      line["pts"] = *record.pts_ns;
    line["top"] = Json::array();
    for (const Prediction& prediction : record.result.top)
      line["top"].push_back(to_json(prediction));
    if (record.with_logits)
      line["logits"] = record.result.logits;
    return dump(line) + "\n";
  }

 private:
  Json to_json(const Prediction& prediction) const {
    return {
        {"label", classes_.at(static_cast<std::size_t>(prediction.label_id))},
        {"label_id", prediction.label_id},
        {"confidence", prediction.confidence}};
  }

  const std::vector<std::string>& classes_;
};

class TextFormat : public PredictionFormat {
 public:
  explicit TextFormat(const std::vector<std::string>& classes)
      : classes_(classes) {}

  std::string record(const PredictionRecord& record) const override {
    std::string line = record.path;
    if (!record.error.empty())
      return line + ": not read: " + record.error + "\n";
    if (record.frame)
      line += " frame " + std::to_string(*record.frame);
    if (record.pts_ns)
      line +=
          formatted(" at %.3f s", static_cast<double>(*record.pts_ns) * 1e-9);
    const char* separator = ": ";
    for (const Prediction& prediction : record.result.top) {
      line += separator +
              classes_.at(static_cast<std::size_t>(prediction.label_id)) +
              formatted(" %.2f %%", 100.0 * prediction.confidence);
      separator = ", ";
    }
    return line + "\n";
  }

 private:
  const std::vector<std::string>& classes_;
};

class CsvFormat : public PredictionFormat {
 public:
  explicit CsvFormat(const std::vector<std::string>& classes)
      : classes_(classes) {}

  std::string header() const override {
    return "path,frame,pts,rank,label,label_id,confidence,error\n";
  }

  std::string record(const PredictionRecord& record) const override {
    const std::string begin =
        csv_field(record.path) + "," +
        (record.frame ? std::to_string(*record.frame) : "") + "," +
        (record.pts_ns ? std::to_string(*record.pts_ns) : "") + ",";
    if (!record.error.empty())
      return begin + ",,,," + csv_field(record.error) + "\n";
    std::string lines;
    int rank = 0;
    for (const Prediction& prediction : record.result.top)
      lines += begin + std::to_string(++rank) + "," +
               csv_field(
                   classes_.at(static_cast<std::size_t>(prediction.label_id))) +
               "," + std::to_string(prediction.label_id) + "," +
               formatted("%.9g", prediction.confidence) + ",\n";
    return lines;
  }

 private:
  const std::vector<std::string>& classes_;
};

}  // namespace

std::unique_ptr<PredictionFormat> make_prediction_format(
    const std::string& name, const std::vector<std::string>& classes) {
  if (name == "json")
    return std::make_unique<JsonFormat>(classes);
  if (name == "csv")
    return std::make_unique<CsvFormat>(classes);
  if (name == "text")
    return std::make_unique<TextFormat>(classes);
  throw Error(ErrorCode::kInvalidArgument,
              "expected the format text, json or csv, got \"" + name + "\"");
}

}  // namespace torchclassify
