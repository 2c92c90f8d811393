// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/run_state.h"

#include <nlohmann/json.hpp>

#include "torchclassify/error.h"

namespace torchclassify {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Scores, precision, recall, f1)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SkippedPicture, index, name, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EpochRecord, epoch, train_loss,
                                   train_accuracy, learning_rate, validated,
                                   best, valid_loss, valid_accuracy,
                                   valid_top5_accuracy, valid_balanced_accuracy,
                                   valid_macro, valid_ece)

// Here and not in the public header: JSON is the checkpoint's own matter.
static void to_json(nlohmann::json& json, const PlateauCounter::State& state) {
  json = {{"best", state.best},
          {"bad_epochs", state.bad_epochs},
          {"reductions", state.reductions}};
}

static void from_json(const nlohmann::json& json,
                      PlateauCounter::State& state) {
  json.at("best").get_to(state.best);
  json.at("bad_epochs").get_to(state.bad_epochs);
  json.at("reductions").get_to(state.reductions);
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunState, epoch, step, all_steps, loss_sum,
                                   hits, pictures, learning_rate, history,
                                   best_measure, best_epoch, bad_epochs,
                                   plateau, loss_scale, good_steps,
                                   average_updates, skipped)

// Absent from checkpoints of versions that forgot it.
constexpr char kLargestPass[] = "largest_pass";

std::string to_json(const RunState& state) {
  nlohmann::json json = state;
  json[kLargestPass] = state.largest_pass;
  // Names of files may not be UTF-8.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

RunState run_state_from_json(const std::string& json,
                             const std::string& origin) {
  try {
    const auto parsed = nlohmann::json::parse(json);
    auto state = parsed.get<RunState>();
    state.largest_pass = parsed.value(kLargestPass, state.largest_pass);
    return state;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kBadData, "expected a checkpoint's state, got \"" +
                                         std::string(error.what()) +
                                         "\" for it: " + origin);
  }
}

}  // namespace torchclassify
