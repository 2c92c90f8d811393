// SPDX-License-Identifier: LGPL-2.1-or-later
// A file from the web, whole and verified or not at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace torchclassify {

// done: bytes that are there, those of earlier attempts included; total: bytes
// of the whole file, 0 while unknown. What it throws ends the download.
using DownloadProgress =
    std::function<void(std::uint64_t done, std::uint64_t total)>;

struct DownloadOptions {
  std::string sha256_prefix;  // hex digits, lower-case; empty: not verified
  std::string md5;            // the same, where nobody publishes a SHA-256
  std::uint64_t max_bytes = std::uint64_t{16}
                            << 30;           // a longer file is refused
  std::chrono::seconds connect_timeout{30};  // until the server is connected
  std::chrono::seconds stall_timeout{60};  // of less than 100 bytes per second
  DownloadProgress progress;  // on the calling thread; may be empty
};

// A file's address in a folder's, which may end in a /.
std::string address_below(const std::string& folder, const std::string& file);

// Fetches url (http or https; at most 10 redirects, none from https to http)
// into DESTINATION.partial, goes on where an earlier attempt for the same file
// stopped, and renames to destination when everything is there, synced and
// verified. The folder must exist. Proxies come from curl's environment
// variables (http_proxy, https_proxy, all_proxy, no_proxy), certificates from
// CURL_CA_BUNDLE or SSL_CERT_FILE where these are set.
//
// If another process is downloading to the same destination, waits for it, and
// is done if it left there what was asked for. Ended by a signal or an Error,
// the partial file stays for the next call, unless it is known to be wrong.
//
// Throws Error kInvalidArgument for another kind of address, kNotFound for
// status 404 or 410, kUnreachable where trying again may help (no connection,
// a stall, a connection that ended early, status 408, 429 or 5xx), kCannotRead
// for other refusals of the server and certificates that are not trusted,
// kBadData for a wrong hash or too many bytes, kCannotWrite.
//
// Not on several threads before the first call has returned (libcurl's
// initialisation).
void download(const std::string& url, const std::filesystem::path& destination,
              const DownloadOptions& options = {});

}  // namespace torchclassify
