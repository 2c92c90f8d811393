// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/fetch_weights.h"

#include "fetch/cache_folder.h"
#include "fetch/digest.h"
#include "fetch/download.h"
#include "fetch/progress_printer.h"
#include "printing.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

std::string address(const PublishedWeights& weights,
                    const std::string& mirror) {
  return mirror.empty() ? weights.url : address_below(mirror, weights.file);
}

// Published sizes have three decimals; twice that is not what was asked for.
std::uint64_t most_bytes(const PublishedWeights& weights) {
  constexpr double kMebibyte = 1 << 20;
  return static_cast<std::uint64_t>(2 * kMebibyte * weights.mebibytes);
}

void download_showing_progress(const std::string& url, const fs::path& path,
                               const DownloadOptions& options,
                               const PublishedWeights& weights) {
  print("downloading " + url + "\n");
  if (!weights.licence.empty())
    print("these weights have terms of their own: " + weights.licence + "\n");
  finish_printing();
  download_with_progress(url, path, options);
}

}  // namespace

fs::path fetch_weights(const PublishedWeights& weights,
                       const FetchOptions& options) {
  const fs::path folder =
      options.folder.empty() ? weights_cache_folder() : options.folder;
  fs::path path = folder / weights.file;
  if (has_digest(path, DigestKind::kSha256, weights.sha256_prefix))
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
