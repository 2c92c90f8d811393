// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/download.h"

#include "fetch/partial_file.h"
#include "fetch/sha256.h"
#include "fetch/transfer.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

void check_url(const std::string& url) {
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    throw Error(ErrorCode::kInvalidArgument,
                "expected an address that begins with https:// or http://, "
                "got \"" +
                    url + "\"");
}

void check_hash(PartialFile& partial, const std::string& prefix,
                const std::string& url) {
  if (prefix.empty())
    return;
  const std::string hash = sha256_of_file(partial.path());
  if (hash.starts_with(prefix))
    return;
  partial.restart({});
  throw Error(ErrorCode::kBadData,
              "expected a file whose SHA-256 begins with " + prefix + ", got " +
                  hash + ": " + url);
}

}  // namespace

void download(const std::string& url, const fs::path& destination,
              const DownloadOptions& options) {
  check_url(url);
  PartialFile partial(destination);
  if (partial.waited() && has_sha256(destination, options.sha256_prefix))
    return;
  Transfer transfer(url, partial, options);
  if (!transfer.go_on())
    transfer.start_anew();
  check_hash(partial, options.sha256_prefix, url);
  partial.commit();
}

}  // namespace torchclassify
