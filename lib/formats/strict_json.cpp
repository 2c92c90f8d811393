// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/strict_json.h"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace torchclassify {

nlohmann::json parse_strict_json(std::string_view text) {
  constexpr int kMaxDepth = 16;
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> seen;
  const auto check = [&seen](int depth, Event event, nlohmann::json& value) {
    if (depth > kMaxDepth)
      throw std::runtime_error("nesting deeper than " +
                               std::to_string(kMaxDepth));
    if (event == Event::object_start)
      seen.emplace_back();
    else if (event == Event::object_end)
      seen.pop_back();
    else if (event == Event::key &&
             !seen.back().insert(value.get<std::string>()).second)
      throw std::runtime_error("the key " + value.dump() + " twice");
    return true;
  };
  return nlohmann::json::parse(text.begin(), text.end(), check);
}

}  // namespace torchclassify
