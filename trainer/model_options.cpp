// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model_options.h"

#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace torchclassify {
namespace {

std::string check_device(const std::string& device) {
  const bool numbered =
      device.starts_with("cuda:") && device.size() > 5 && device.size() < 9 &&
      device.find_first_not_of("0123456789", 5) == std::string::npos;
  if (device == "auto" || device == "cpu" || device == "cuda" || numbered)
    return {};
  return "expected auto, cpu, cuda or cuda:N, got \"" + device + "\"";
}

const std::map<std::string, Precision>& precisions() {
  static const std::map<std::string, Precision> names = {
      {"auto", Precision::kAuto},
      {"bf16", Precision::kBf16},
      {"fp16", Precision::kFp16},
      {"fp32", Precision::kFp32}};
  return names;
}

}  // namespace

CLI::Option* add_model_options(CLI::App& command, ClassifierOptions& options) {
  command
      .add_option("--device", options.device,
                  "Where the model runs: auto, cpu, cuda or cuda:N")
      ->check(CLI::Validator(check_device, "DEVICE"))
      ->capture_default_str();
  command
      .add_option_function<std::string>(
          "--precision",
          [&options](const std::string& name) {
            options.precision = precisions().at(name);
          },
          "Numbers to calculate with: auto (fp32 on the CPU, fp16 on CUDA), "
          "fp32, bf16 or fp16")
      ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp16"}))
      ->default_str("auto");
  command
      .add_option("--batch-size", options.batch_size,
                  "Largest batch, pictures; 0: chosen by the device")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      .add_option("--workers", options.workers,
                  "CPU worker threads; 0: chosen by the number of cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_flag("--allow-code", options.allow_code,
                   "Permit model files that execute code of their own: "
                   "TorchScript (.pt) and AOTInductor (.pt2)");
  return command.add_option("--model-file", options.model_file,
                            "Model bundle (made by train or convert)");
}

}  // namespace torchclassify
