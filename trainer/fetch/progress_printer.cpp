// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/progress_printer.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "printing.h"

namespace torchclassify {

ProgressPrinter::ProgressPrinter() : text_(isatty(STDOUT_FILENO) == 1) {}

ProgressPrinter::~ProgressPrinter() {
  std::fputs(text_.finish().c_str(), stdout);
}

void ProgressPrinter::update(std::uint64_t done, std::uint64_t total) {
  const std::chrono::duration<double> now =
      std::chrono::steady_clock::now().time_since_epoch();
  const std::string text = text_.update(done, total, now.count());
  if (text.empty())
    return;
  print(text);
  finish_printing();
}

void download_with_progress(const std::string& url,
                            const std::filesystem::path& destination,
                            DownloadOptions options) {
  ProgressPrinter printer;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    printer.update(done, total);
  };
  download(url, destination, options);
}

}  // namespace torchclassify
