// SPDX-License-Identifier: LGPL-2.1-or-later
// torchclassify train: a folder of labelled pictures becomes a model bundle.
#include "torchclassify/train/train.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "command.h"
#include "commands/leak_check.h"
#include "commands/stop_signals.h"
#include "commands/train_console.h"
#include "commands/train_options.h"
#include "commands/train_preview.h"
#include "formats/atomic_file.h"
#include "formatted.h"
#include "printing.h"
#include "settings/train_sets.h"
#include "torchclassify/error.h"
#include "training/train_checks.h"

namespace torchclassify {
namespace {

bool leads(const TrainRequest& request) {
  const auto& processes = request.options.processes;
  return !processes || processes->rank == 0;
}

std::string processes_text(const TrainRequest& request) {
  const auto& processes = request.options.processes;
  return processes ? " processes=" + std::to_string(processes->size) : "";
}

std::string start_line(const TrainRequest& request, const TrainSets& sets) {
  const Dataset* validation = sets.validation.get();
  return "dataset=" + request.layout + " recipe=" + request.recipe +
         " model=" + request.options.architecture +
         " classes=" + std::to_string(sets.training().classes().size()) +
         " train=" + std::to_string(sets.training().size()) +
         " valid=" + std::to_string(validation ? validation->size() : 0) +
         " seed=" + std::to_string(request.options.seed) +
         " threads=" + std::to_string(compute_threads()) +
         processes_text(request);
}

// Without validation, nothing has been measured.
std::string end_line(const TrainRequest& request, const TrainResult& result,
                     bool validated) {
  const std::string accuracy =
      validated ? formatted("best_accuracy=%.4f best_macro_f1=%.4f ",
                            result.best.accuracy, result.best.macro.f1)
                : "";
  return "best_epoch=" + std::to_string(result.best_epoch) + " " + accuracy +
         "model=" + (request.options.output / "best.safetensors").string();
}

TrainCallbacks callbacks_for(TrainConsole& console,
                             const StopSignals& signals) {
  TrainCallbacks callbacks;
  callbacks.on_epoch = [&](const EpochReport& report) {
    console.epoch(report);
  };
  callbacks.on_step = [&](const StepReport& report) { console.step(report); };
  callbacks.on_notice = [&](const std::string& text) {
    console.line("notice: " + text);
  };
  callbacks.on_skipped = [&](const SkippedPicture& picture) {
    console.line("skipped: " + picture.reason);
  };
  callbacks.should_stop = [&] { return signals.stop_asked(); };
  return callbacks;
}

void conclude(const TrainRequest& request, const TrainResult& result,
              bool validated) {
  if (result.stopped)
    throw Error(ErrorCode::kInterrupted,
                "stopped; go on with `torchclassify train --resume " +
                    (request.options.output / "last.ckpt").string() + "`");
  if (leads(request))
    print(end_line(request, result, validated) + "\n");
  if (!result.skipped.empty() && request.on_corrupt == CorruptPolicy::kReport)
    throw Error(ErrorCode::kBadData,
                std::to_string(result.skipped.size()) +
                    " pictures could not be read: " +
                    (request.options.output / "skipped.csv").string());
}

void write_configuration(const TrainRequest& request) {
  make_folder(request.options.output);
  write_text_file(request.options.output / "config.toml",
                  request.options.configuration);
}

// Before hours are spent, not again when they go on.
void warn_of_leaks(const TrainRequest& request, const TrainSets& sets,
                   TrainConsole& console) {
  if (!request.leak_check || !sets.validation ||
      !request.options.resume.empty())
    return;
  for (const std::string& leak :
       find_leaks(sets.training(), *sets.validation, request.options.workers))
    console.line("warning: " + leak);
}

void run(const GivenSettings& given) {
  TrainRequest request = resolve(given);
  request.options.processes = processes_from_environment();
  check_train_options(request.options);
  const TrainSets sets = open_train_sets(request);
  check_train_sets(sets.training(), sets.validation.get());
  if (!request.preview.empty()) {
    write_preview(sets.training(), request);
    return;
  }
  if (leads(request))
    write_configuration(request);
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  if (terminal && request.options.print_frequency == 0)
    request.options.print_frequency = 1;
  TrainConsole console(terminal);
  if (leads(request)) {
    console.line(start_line(request, sets));
    warn_of_leaks(request, sets, console);
  }
  const StopSignals signals;

  const TrainResult result =
      train(sets.training(), sets.validation.get(), request.options,
            callbacks_for(console, signals));

  conclude(request, result, sets.validation != nullptr);
}

}  // namespace

void add_train_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train",
      "Train a model on labelled pictures; defaults are the recipe's, which "
      "config.toml in the output folder shows");
  const auto given = std::make_shared<GivenSettings>();
  add_train_options(*command, {}, *given);
  command->callback([given] { run(*given); });
}

}  // namespace torchclassify
