// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/run_identity.h"

#include <cstdint>

#include "formatted.h"

namespace torchclassify {
namespace {

// FNV-1a.
class Hash {
 public:
  void add(const std::string& text) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(static_cast<unsigned char>(0));
  }
  void add(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

  std::string text() const {
    return formatted("%016llx", static_cast<unsigned long long>(value_));
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

std::string hash_of(const Dataset& dataset) {
  Hash hash;
  for (const std::string& name : dataset.classes()) hash.add(name);
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    hash.add(dataset.name(i));
    for (const int label : dataset.labels(i)) hash.add(std::to_string(label));
  }
  return hash.text();
}

}  // namespace

std::string run_identity(const Dataset& training, const TrainOptions& options,
                         int processes) {
  return "model=" + options.architecture + " optimiser=" +
         std::to_string(static_cast<int>(options.optimiser.kind)) +
         " average=" + std::to_string(options.average.enabled) +
         " seed=" + std::to_string(options.seed) +
         " batch=" + std::to_string(options.batch_size) + "x" +
         std::to_string(options.accumulation) + "x" +
         std::to_string(processes) +
         " pictures=" + std::to_string(training.size()) + ":" +
         hash_of(training);
}

}  // namespace torchclassify
