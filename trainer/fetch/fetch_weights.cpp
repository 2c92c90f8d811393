// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/fetch_weights.h"

#include "fetch/cache_folder.h"
#include "fetch/download.h"
#include "fetch/progress_printer.h"
#include "fetch/sha256.h"
#include "printing.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

std::string address(const PublishedWeights& weights,
                    const std::string& mirror) {
  if (mirror.empty())
    return weights.url;
  return mirror + (mirror.ends_with("/") ? "" : "/") + weights.file;
}

// Published sizes have three decimals; twice that is not what was asked for.
std::uint64_t most_bytes(const PublishedWeights& weights) {
  constexpr double kMebibyte = 1 << 20;
  return static_cast<std::uint64_t>(2 * kMebibyte * weights.mebibytes);
}

void download_showing_progress(const std::string& url, const fs::path& path,
                               DownloadOptions options,
                               const PublishedWeights& weights) {
  print("downloading " + url + "\n");
  if (!weights.licence.empty())
    print("these weights have terms of their own: " + weights.licence + "\n");
  finish_printing();
  ProgressPrinter printer;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    printer.update(done, total);
  };
  download(url, path, options);
}

}  // namespace

fs::path fetch_weights(const PublishedWeights& weights,
                       const FetchOptions& options) {
  const fs::path folder =
      options.folder.empty() ? weights_cache_folder() : options.folder;
  fs::path path = folder / weights.file;
  if (has_sha256(path, weights.sha256_prefix))
    return path;
  make_private_folder(folder);
  const std::string url = address(weights, options.mirror);
  const DownloadOptions how{.sha256_prefix = weights.sha256_prefix,
                            .max_bytes = most_bytes(weights)};
  if (options.show_progress)
    download_showing_progress(url, path, how, weights);
  else
    download(url, path, how);
  return path;
}

}  // namespace torchclassify
