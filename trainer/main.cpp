// SPDX-License-Identifier: LGPL-2.1-or-later
// The program: reads the command line, runs one subcommand, reports one error.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <CLI/CLI.hpp>

#include "command.h"
#include "data/quiet.h"
#include "printing.h"
#include "torchclassify/error.h"

namespace {

using torchclassify::Error;
using torchclassify::ErrorCode;

// As sysexits.h has them, but for wrong usage, which is the shell's 2.
enum ExitStatus {
  kDone = 0,
  kWrongUsage = 2,
  kBadInput = 65,
  kInternalFailure = 70,
  kNotWritten = 73,
  kTryAgain = 75,  // stopped, and goes on where it was
};

ExitStatus exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return kWrongUsage;
    case ErrorCode::kNotFound:
    case ErrorCode::kCannotRead:
    case ErrorCode::kBadData:
    case ErrorCode::kUnsupported:
      return kBadInput;
    case ErrorCode::kCannotWrite:
      return kNotWritten;
    case ErrorCode::kInterrupted:
    case ErrorCode::kUnreachable:
      return kTryAgain;
    default:
      return kInternalFailure;
  }
}

int fail(ExitStatus status, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::fflush(stdout);
  std::fprintf(stderr, "torchclassify: %s\n", message.c_str());
  return status;
}

// CLI11 says what is missing first, though an unknown word is often the cause.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const auto unknown = app.remaining(/*recurse=*/true);
  if (dynamic_cast<const CLI::RequiredError*>(&error) && !unknown.empty())
    return "the argument was not expected: " + unknown.front();
  if (dynamic_cast<const CLI::ConfigError*>(&error))
    return std::string("in the file of --config: ") + error.what();
  return error.what();
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {  // --help, --version
    app.exit(error);
    if (!std::cout.flush())
      return fail(kNotWritten, "cannot write: standard output");
    return kDone;
  }
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::FileError))
    return fail(kBadInput, error.what());
  return fail(kWrongUsage,
              explain(app, error) + " (--help says what there is)");
}

void add_commands(CLI::App& app) {
  app.set_version_flag("--version", "torchclassify " TORCHCLASSIFY_VERSION);
  app.set_config("--config", "",
                 "TOML file of options, a section for each command");
  app.allow_config_extras(CLI::config_extras_mode::error);  // before commands
  app.require_subcommand(1);
  app.fallthrough();  // `predict --config FILE` means the same
  torchclassify::add_benchmark_command(app);
  torchclassify::add_convert_command(app);
  torchclassify::add_dataset_command(app);
  torchclassify::add_evaluate_command(app);
  torchclassify::add_inspect_command(app);
  torchclassify::add_lr_find_command(app);
  torchclassify::add_models_command(app);
  torchclassify::add_predict_command(app);
  torchclassify::add_train_command(app);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains picture classifiers, and uses them on files");
  torchclassify::quiet_ffmpeg();
  try {
    add_commands(app);
    app.parse(argc, argv);
    torchclassify::finish_printing();
    return kDone;
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  } catch (const Error& error) {
    return fail(exit_status(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(kInternalFailure, "out of memory");
  } catch (const std::exception& error) {
    return fail(kInternalFailure, error.what());
  }
}
