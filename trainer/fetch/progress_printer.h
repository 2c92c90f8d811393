// SPDX-License-Identifier: LGPL-2.1-or-later
// How far a download is, on standard output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "fetch/download.h"
#include "fetch/progress_text.h"

namespace torchclassify {

// One download, from its begin to the end of this object.
class ProgressPrinter {
 public:
  ProgressPrinter();
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  // As DownloadProgress. Throws Error kCannotWrite.
  void update(std::uint64_t done, std::uint64_t total);

 private:
  ProgressText text_;
};

// As download(), which is shown. options.progress means nothing.
void download_with_progress(const std::string& url,
                            const std::filesystem::path& destination,
                            DownloadOptions options);

}  // namespace torchclassify
