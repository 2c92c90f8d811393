// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"

#include <nlohmann/json.hpp>

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

Json time(GstClockTime ns) {
  return GST_CLOCK_TIME_IS_VALID(ns) ? Json(ns) : Json(nullptr);
}

Json text(const char* utf8) { return utf8 ? utf8 : ""; }

Json top_json(const TorchClassifyResult& result) {
  Json top = Json::array();
  for (guint i = 0; i < result.n_top; ++i) {
    const TorchClassifyClass& c = result.top[i];
    top.push_back({{"label", text(c.label)},
                   {"label-id", c.label_id},
                   {"confidence", c.confidence},
                   {"present", c.present != FALSE}});
  }
  return top;
}

Json result_json(const TorchClassifyResult& r) {
  return {{"region", text(r.region)},
          {"label", text(r.label)},
          {"label-id", r.label_id},
          {"confidence", r.confidence},
          {"age", time(r.age)},
          {"object-id", r.object_id},
          {"object-class", text(r.object_class)},
          {"x", r.x},
          {"y", r.y},
          {"width", r.width},
          {"height", r.height},
          {"top", top_json(r)}};
}

}  // namespace

std::string json_line(const TorchClassifyFrame& frame,
                      const std::string& source) {
  Json results = Json::array();
  for (guint i = 0; i < frame.n_results; ++i)
    results.push_back(result_json(frame.results[i]));
  const Json line = {{"source", source.empty() ? Json(nullptr) : Json(source)},
                     {"model", text(frame.model)},
                     {"timestamp", time(frame.timestamp)},
                     {"stream-time", time(frame.stream_time)},
                     {"running-time", time(frame.running_time)},
                     {"duration", time(frame.duration)},
                     {"results", std::move(results)}};
  // A source that an application has set may be no UTF-8.
  return line.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace);
}

}  // namespace torchclassify
