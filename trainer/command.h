// SPDX-License-Identifier: LGPL-2.1-or-later
// The program's subcommands: each in a file of its own, each added by one call.
#pragma once

namespace CLI {
class App;
}

namespace torchclassify {

// Adds the subcommand with its options; its callback does the work and throws
// Error, which main() turns into one line on stderr and an exit status.
void add_benchmark_command(CLI::App& app);
void add_convert_command(CLI::App& app);
void add_dataset_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_inspect_command(CLI::App& app);
void add_lr_find_command(CLI::App& app);
void add_models_command(CLI::App& app);
void add_predict_command(CLI::App& app);
void add_train_command(CLI::App& app);

}  // namespace torchclassify
