// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify dataset`: what is in a data set; fetching one; unpacking one.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "command.h"
#include "commands/part_names.h"
#include "fetch/fetch_data_set.h"
#include "formatted.h"
#include "prepare/ilsvrc.h"
#include "printing.h"
#include "summary_text.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {
namespace {

struct DatasetOptions {
  std::string path;
  std::string target;  // of --prepare
  std::string download;
  std::string mirror;
  std::string prepare;
  SummaryOptions summary;
  bool json = false;
  bool strict = false;
};

// One line of a terminal, written again and again, and gone at the end.
// Nothing where standard output is no terminal.
class StatusLine {
 public:
  explicit StatusLine(bool wanted)
      : shown_(wanted && isatty(STDOUT_FILENO) == 1) {}
  ~StatusLine() {
    if (shown_)
      std::fputs(kErase, stdout);
  }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void show(const std::string& text) const {
    if (!shown_)
      return;
    print(kErase + text);
    finish_printing();
  }

 private:
  static constexpr const char* kErase = "\r\x1b[K";

  const bool shown_;
};

void require_no_target(const DatasetOptions& options) {
  if (!options.target.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected one path, got a second one without --prepare: " +
                    options.target);
}

void run_download(const DatasetOptions& options) {
  require_no_target(options);
  const PublishedDataSet& set = find_data_set(options.download);
  fetch_data_set(set, options.path,
                 {.mirror = options.mirror, .show_progress = true});
  print("ready for --data-path " + options.path + " --dataset " + set.layout +
        "\n");
}

void run_prepare(const DatasetOptions& options) {
  if (options.target.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the folder to unpack into after that of the "
                "archives, got none");
  IlsvrcCounts counts;
  {
    const StatusLine status(true);
    counts =
        prepare_ilsvrc(options.path, options.target, [&](std::size_t pictures) {
          constexpr std::size_t kStep = 500;
          if (pictures % kStep == 0)
            status.show(std::to_string(pictures) + " pictures in place");
        });
  }
  print(formatted(
      "%zu classes, %zu training and %zu validation pictures in "
      "place, %zu of them new\n",
      counts.classes, counts.training, counts.validation, counts.written));
  for (const std::string& warning : counts.warnings)
    print("warning: " + warning + "\n");
}

// One sentence, with what there is of each; empty: nothing.
std::string faults(const DatasetSummary& summary) {
  std::string text;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + what;
  };
  add(summary.unreadable.count, " unreadable");
  add(summary.label_conflicts, " with different labels");
  add(summary.duplicates_across_parts, " duplicates across parts");
  add(summary.group_leaks.count, " groups in more than one part");
  return text;
}

void run_summary(DatasetOptions& options) {
  require_no_target(options);
  DatasetSummary summary;
  {
    const StatusLine status(!options.json);
    options.summary.progress = [&](std::size_t done, std::size_t total) {
      status.show(formatted("%zu of %zu pictures", done, total));
    };
    summary = summarise(options.path, options.summary);
  }
  print(options.json ? to_json(summary) + "\n" : to_text(summary));
  const std::string found = faults(summary);
  if (options.strict && !found.empty())
    throw Error(ErrorCode::kBadData, "expected a set without faults, got " +
                                         found + ": " + options.path);
}

void run(DatasetOptions& options) {
  if (!options.download.empty())
    run_download(options);
  else if (!options.prepare.empty())
    run_prepare(options);
  else
    run_summary(options);
}

void add_summary_options(CLI::App& command, DatasetOptions& options) {
  std::string layouts;
  for (const std::string& name : layout_names())
    layouts += (layouts.empty() ? "" : ", ") + name;
  command.add_option("--dataset", options.summary.layout,
                     "Layout, one of " + layouts + "; found out if not given");
  command
      .add_option_function<std::vector<std::string>>(
          "--split",
          [&options](const std::vector<std::string>& names) {
            for (const std::string& name : names)
              options.summary.parts.push_back(kPartNames.at(name));
          },
          "Parts to look at: train, val, test; all that there are if not "
          "given")
      ->delimiter(',')
      ->check(CLI::IsMember(kPartNames));
  command
      .add_option("--near-distance", options.summary.near_distance,
                  "Bits of 64 that two pictures' thumbnails may differ in to "
                  "look alike; -1 compares none")
      ->check(CLI::Range(-1, 16))
      ->capture_default_str();
  command
      .add_option("-j,--workers", options.summary.threads,
                  "Threads that decode; 0: one for each processor")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command.add_flag("--json", options.json, "One JSON object");
  command.add_flag("--strict", options.strict,
                   "Exit with status 65 if there is an unreadable picture, "
                   "one with different labels, or a leak between parts");
}

}  // namespace

void add_dataset_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "dataset", "Say what is in a data set and what is wrong with it");
  const auto options = std::make_shared<DatasetOptions>();
  command
      ->add_option("path", options->path,
                   "The data set; with --download: the folder for it; with "
                   "--prepare: the folder of the publisher's archives")
      ->required();
  command->add_option("target", options->target,
                      "With --prepare: the folder to unpack into");
  add_summary_options(*command, *options);
  std::vector<std::string> names;
  for (const PublishedDataSet& set : published_data_sets())
    names.push_back(set.name);
  auto* download =
      command
          ->add_option("--download", options->download,
                       "Published data set to fetch into the folder")
          ->check(CLI::IsMember(names));
  command
      ->add_option("--mirror", options->mirror,
                   "Address of a folder with the publisher's files")
      ->needs(download);
  command
      ->add_option("--prepare", options->prepare,
                   "Unpack archives that may not be fetched freely: imagenet "
                   "(ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and "
                   "ILSVRC2012_devkit_t12.tar.gz)")
      ->check(CLI::IsMember({"imagenet"}))
      ->excludes(download);
  command->callback([options] { run(*options); });
}

}  // namespace torchclassify
