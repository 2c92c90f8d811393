// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/download.h"

#include "fetch/digest.h"
#include "fetch/partial_file.h"
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

struct Hash {
  DigestKind kind = DigestKind::kSha256;
  std::string prefix;
};

Hash wanted(const DownloadOptions& options) {
  if (options.sha256_prefix.empty() && !options.md5.empty())
    return {DigestKind::kMd5, options.md5};
  return {DigestKind::kSha256, options.sha256_prefix};
}

void check_hash(PartialFile& partial, const Hash& hash,
                const std::string& url) {
  if (hash.prefix.empty())
    return;
  const std::string got = digest_of_file(partial.path(), hash.kind);
  if (got.starts_with(hash.prefix))
    return;
  partial.restart({});
  throw Error(ErrorCode::kBadData,
              std::string("expected a file whose ") + digest_name(hash.kind) +
                  " begins with " + hash.prefix + ", got " + got + ": " + url);
}

}  // namespace

std::string address_below(const std::string& folder, const std::string& file) {
  return folder + (folder.ends_with("/") ? "" : "/") + file;
}

void download(const std::string& url, const fs::path& destination,
              const DownloadOptions& options) {
  check_url(url);
  PartialFile partial(destination);
  const Hash hash = wanted(options);
  if (partial.waited() && has_digest(destination, hash.kind, hash.prefix))
    return;
  Transfer transfer(url, partial, options);
  if (!transfer.go_on())
    transfer.start_anew();
  check_hash(partial, hash, url);
  partial.commit();
}

}  // namespace torchclassify
