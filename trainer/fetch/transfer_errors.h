// SPDX-License-Identifier: LGPL-2.1-or-later
// What can go wrong between us and a web server, as the library's Error.
#pragma once

#include <curl/curl.h>

#include <string>

#include "fetch/download.h"

namespace torchclassify {

constexpr long kMaxRedirects = 10;
constexpr long kSlowBytesPerSecond = 100;

// For an answer that is neither the file nor the rest of it.
[[noreturn]] void throw_status(long status, const std::string& url);

// For anything but CURLE_OK. kept: bytes that the next attempt need not fetch.
[[noreturn]] void throw_curl_error(CURLcode code, CURL* curl,
                                   const std::string& detail,
                                   const std::string& url, std::uint64_t kept,
                                   const DownloadOptions& options);

// For a connection that closed before the end.
[[noreturn]] void throw_ended_early(const std::string& detail,
                                    const std::string& url, std::uint64_t kept);

}  // namespace torchclassify
