// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/train.h"

#include <torch/torch.h>

#include <exception>
#include <memory>
#include <optional>

#include "distributed/process_team.h"
#include "torchclassify/error.h"
#include "training/run_files.h"
#include "training/run_report.h"
#include "training/team.h"
#include "training/train_checks.h"
#include "training/training.h"

namespace torchclassify {
namespace {

TrainResult result_of(const RunState& state) {
  TrainResult result;
  result.best_epoch = state.best_epoch;
  result.epochs = static_cast<int>(state.history.size());
  result.history = state.history;
  result.skipped = state.skipped;
  return result;
}

void note(RunFiles& files, const RunState& state, const EpochReport& report) {
  files.add_epoch(state, report);
  files.write_skipped(state.skipped);
  files.write_status("running", state);
}

// Epochs until the last, the end of patience, or a stop.
// files: null at all ranks but 0.
TrainResult run(Training& training, RunFiles* files,
                const TrainOptions& options, const TrainCallbacks& callbacks) {
  while (!training.finished()) {
    const auto report = training.run_epoch();
    if (!report) {
      training.save_checkpoint();
      TrainResult result = result_of(training.state());
      result.stopped = true;
      return result;
    }
    if (files)
      note(*files, training.state(), *report);
    training.save_checkpoint();
    if (files)
      files->keep_checkpoint(report->record.epoch);
    if (callbacks.on_epoch)
      callbacks.on_epoch(*report);
  }
  TrainResult result = result_of(training.state());
  result.stopped_early = result.epochs < options.epochs;
  return result;
}

TrainCallbacks callbacks_at(const Team& team, const TrainCallbacks& callbacks) {
  if (team.leads())
    return callbacks;
  TrainCallbacks silent;
  silent.on_skipped = callbacks.on_skipped;
  silent.should_stop = callbacks.should_stop;
  return silent;
}

}  // namespace

int compute_threads() { return at::get_num_threads(); }

TrainResult train(const Dataset& training, const Dataset* validation,
                  const TrainOptions& options,
                  const TrainCallbacks& callbacks) {
  check_train_options(options);
  check_train_sets(training, validation);
  const std::unique_ptr<Team> team =
      make_team(options.processes.value_or(ProcessOptions()));
  const TrainCallbacks own_callbacks = callbacks_at(*team, callbacks);
  std::optional<RunFiles> files;
  if (team->leads())
    files.emplace(options);
  std::optional<Training> run_of;
  const auto write_status = [&](const std::string& state,
                                const std::string& why = "") {
    if (files)
      files->write_status(state, run_of ? run_of->state() : RunState(), why);
  };
  try {
    run_of.emplace(training, validation, options, own_callbacks, *team);
    if (files)
      files->begin_at(run_of->state().epoch);
    TrainResult result =
        run(*run_of, files ? &*files : nullptr, options, own_callbacks);
    if (!result.stopped && validation)
      result.best = write_run_report(training, *validation, options,
                                     run_of->state().history, *team);
    write_status(result.stopped ? "stopped" : "done");
    return result;
  } catch (const c10::Error& error) {
    write_status("failed", error.what_without_backtrace());
    throw Error(ErrorCode::kInternal, std::string("LibTorch failed: ") +
                                          error.what_without_backtrace());
  } catch (const std::exception& error) {
    write_status("failed", error.what());
    throw;
  }
}

}  // namespace torchclassify
