// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/skipped.h"

#include <string>
#include <tuple>

#include <nlohmann/json.hpp>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Row = std::tuple<std::size_t, std::string, std::string>;

// MessagePack: unlike JSON's text, it takes names that are not UTF-8.
std::string packed(const std::vector<SkippedPicture>& skipped) {
  std::vector<Row> rows;
  for (const SkippedPicture& picture : skipped)
    rows.emplace_back(picture.index, picture.name, picture.reason);
  std::string bytes;
  nlohmann::json::to_msgpack(rows, bytes);
  return bytes;
}

std::vector<Row> unpacked(const std::string& bytes) {
  try {
    return nlohmann::json::from_msgpack(bytes).get<std::vector<Row>>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kBadData,
                "expected another process's skipped pictures, got \"" +
                    std::string(error.what()) + "\" for them");
  }
}

}  // namespace

std::vector<SkippedPicture> skipped_of_all(
    Team& team, const std::vector<SkippedPicture>& own) {
  std::vector<SkippedPicture> all;
  for (const std::string& bytes : team.gather(packed(own))) {
    for (auto& [index, name, reason] : unpacked(bytes))
      all.push_back({index, std::move(name), std::move(reason)});
  }
  return all;
}

}  // namespace torchclassify
