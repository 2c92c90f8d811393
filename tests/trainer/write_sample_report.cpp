// SPDX-License-Identifier: LGPL-2.1-or-later
// write_sample_report CLASSES FILE: for tests that look at reports in a
// browser.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "formats/atomic_file.h"
#include "sample_report.h"

int main(int argc, char** argv) try {
  const long classes = argc == 3 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (classes < 2) {
    std::fprintf(stderr, "usage: write_sample_report CLASSES FILE\n");
    return 2;
  }
  const auto report = support::sample_report(static_cast<std::size_t>(classes));
  torchclassify::write_text_file(argv[2], torchclassify::to_html(report));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "write_sample_report: %s\n", error.what());
  return 1;
}
