// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/transfer_errors.h"

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr long kRequestTimeout = 408, kGone = 410, kTooManyRequests = 429,
               kServerError = 500, kNotThere = 404;

std::string kept_note(std::uint64_t kept) {
  return kept == 0 ? std::string()
                   : " (" + std::to_string(kept) +
                         " bytes are kept, the next attempt goes on there)";
}

ErrorCode code_of(long status) {
  if (status == kNotThere || status == kGone)
    return ErrorCode::kNotFound;
  const bool passing = status == kRequestTimeout ||
                       status == kTooManyRequests || status >= kServerError;
  return passing ? ErrorCode::kUnreachable : ErrorCode::kCannotRead;
}

[[noreturn]] void throw_timeout(CURL* curl, const std::string& end,
                                const DownloadOptions& options) {
  curl_off_t connected = 0;  // microseconds after the start
  curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected);
  if (connected == 0)
    throw Error(ErrorCode::kUnreachable,
                "expected a connection within " +
                    std::to_string(options.connect_timeout.count()) +
                    " s, got none" + end);
  throw Error(ErrorCode::kUnreachable,
              "expected " + std::to_string(kSlowBytesPerSecond) +
                  " bytes per second or more, got fewer for " +
                  std::to_string(options.stall_timeout.count()) + " s" + end);
}

}  // namespace

void throw_status(long status, const std::string& url) {
  throw Error(code_of(status),
              "expected the file from the server, got status " +
                  std::to_string(status) + ": " + url);
}

void throw_ended_early(const std::string& detail, const std::string& url,
                       std::uint64_t kept) {
  throw Error(ErrorCode::kUnreachable,
              "expected the whole file, got a connection that ended early: " +
                  detail + kept_note(kept) + ": " + url);
}

void throw_curl_error(CURLcode code, CURL* curl, const std::string& detail,
                      const std::string& url, std::uint64_t kept,
                      const DownloadOptions& options) {
  const std::string said = detail.empty() ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      throw_timeout(curl, kept_note(kept) + ": " + url, options);
    case CURLE_URL_MALFORMAT:
      throw Error(ErrorCode::kInvalidArgument,
                  "expected an address, got one that is malformed: " + url);
    case CURLE_UNSUPPORTED_PROTOCOL:
      throw Error(ErrorCode::kCannotRead,
                  "expected redirects to https, or from http to http, got "
                  "another: " +
                      said + ": " + url);
    case CURLE_TOO_MANY_REDIRECTS:
      throw Error(ErrorCode::kCannotRead, "expected at most " +
                                              std::to_string(kMaxRedirects) +
                                              " redirects, got more: " + url);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      throw Error(ErrorCode::kCannotRead,
                  "expected a certificate that is trusted (SSL_CERT_FILE may "
                  "name a file of further authorities), got: " +
                      said + ": " + url);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      throw Error(ErrorCode::kUnreachable,
                  "cannot reach the server: " + said + ": " + url);
    default:
      throw_ended_early(said, url, kept);
  }
}

}  // namespace torchclassify
