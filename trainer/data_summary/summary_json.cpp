// SPDX-License-Identifier: LGPL-2.1-or-later
// A summary for machines.
#include <nlohmann/json.hpp>

#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const SummaryPart& part) {
  return {{"part", part_name(part.part)},
          {"pictures", part.pictures},
          {"unreadable", part.unreadable},
          {"unlabelled", part.unlabelled},
          {"imbalance_ratio", part.imbalance_ratio},
          {"per_class", part.per_class}};
}

Json to_json(const Extent& extent) {
  return {{"min", extent.min}, {"median", extent.median}, {"max", extent.max}};
}

Json to_json(const FoundPicture& picture) {
  return {{"part", part_name(picture.part)},
          {"path", picture.name},
          {"label", picture.label}};
}

Json to_json(const UnreadablePicture& found) {
  Json json = to_json(found.picture);
  json["reason"] = found.reason;
  return json;
}

Json to_json(const SuspiciousPicture& found) {
  Json json = to_json(found.picture);
  json["kind"] = suspicion_name(found.suspicion);
  json["reason"] = found.reason;
  return json;
}

Json to_json(const DuplicatePictures& duplicates) {
  Json pictures = Json::array();
  for (const FoundPicture& picture : duplicates.pictures)
    pictures.push_back(to_json(picture));
  return {{"across_parts", duplicates.across_parts},
          {"label_conflict", duplicates.label_conflict},
          {"pictures", pictures}};
}

Json to_json(const NearPictures& pair) {
  return {{"distance", pair.distance},
          {"first", to_json(pair.first)},
          {"second", to_json(pair.second)}};
}

Json to_json(const GroupLeak& leak) {
  Json pictures = Json::object();
  for (const auto& [part, count] : leak.pictures)
    pictures[part_name(part)] = count;
  return {{"group", leak.group}, {"pictures", pictures}};
}

template <typename Item>
Json to_json(const Findings<Item>& findings) {
  Json listed = Json::array();
  for (const Item& item : findings.listed) listed.push_back(to_json(item));
  return {{"count", findings.count}, {"listed", listed}};
}

template <typename Item>
Json to_json(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(to_json(item));
  return json;
}

Json to_json(const std::vector<LabelPair>& pairs,
             const std::vector<std::string>& classes) {
  Json json = Json::array();
  for (const LabelPair& pair : pairs)
    json.push_back({{"first", classes[static_cast<std::size_t>(pair.first)]},
                    {"second", classes[static_cast<std::size_t>(pair.second)]},
                    {"pictures", pair.pictures}});
  return json;
}

}  // namespace

std::string to_json(const DatasetSummary& summary) {
  std::size_t pictures = 0;
  for (const SummaryPart& part : summary.parts) pictures += part.pictures;
  Json duplicates = to_json(summary.duplicates);
  duplicates["across_parts"] = summary.duplicates_across_parts;
  duplicates["label_conflicts"] = summary.label_conflicts;
  const Json json = {
      {"layout", summary.layout},
      {"multi_label", summary.multi_label},
      {"pictures", pictures},
      {"classes", summary.classes},
      {"parts", to_json(summary.parts)},
      {"width", to_json(summary.width)},
      {"height", to_json(summary.height)},
      {"kinds", summary.kinds},
      {"file_bytes", summary.file_bytes},
      {"mean", summary.mean},
      {"std", summary.deviation},
      {"unreadable", to_json(summary.unreadable)},
      {"suspicious", to_json(summary.suspicious)},
      {"duplicates", duplicates},
      {"near_duplicates", to_json(summary.near_duplicates)},
      {"group_leaks", to_json(summary.group_leaks)},
      {"co_occurrence", to_json(summary.co_occurrence, summary.classes)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace torchclassify
