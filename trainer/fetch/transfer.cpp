// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/transfer.h"

#include <cstdio>
#include <cstdlib>

#include "fetch/transfer_errors.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr long kOk = 200, kPartialContent = 206, kRangeNotSatisfiable = 416;

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t total = 0;  // 0: unknown
};

// "bytes FIRST-LAST/TOTAL" or "bytes FIRST-LAST/*"; anything else gives a
// first byte that no partial file has.
ContentRange parse_content_range(const std::string& text) {
  unsigned long long first = 0, last = 0, total = 0;
  // At most 18 digits: none of them overflows.
  const int found = std::sscanf(text.c_str(), "bytes %18llu-%18llu/%18llu",
                                &first, &last, &total);
  if (found < 2 || last < first || (found == 3 && last >= total))
    return {.first = UINT64_MAX};
  return {.first = first, .total = total};
}

const char* certificate_file() {
  const char* file = std::getenv("CURL_CA_BUNDLE");
  return file && *file ? file : std::getenv("SSL_CERT_FILE");
}

CURL* make_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* const curl = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (!curl)
    throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
  return curl;
}

}  // namespace

Transfer::Transfer(const std::string& url, PartialFile& partial,
                   const DownloadOptions& options)
    : url_(url), partial_(partial), options_(options), curl_(make_handle()) {
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_USERAGENT, "torchclassify/" TORCHCLASSIFY_VERSION);
  set(CURLOPT_ERRORBUFFER, detail_);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  set_connection();
}

template <typename Value>
void Transfer::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(curl_.get(), option, value);
  if (code != CURLE_OK)
    throw Error(ErrorCode::kInternal, std::string("libcurl lacks an option: ") +
                                          curl_easy_strerror(code));
}

void Transfer::set_connection() {
  const bool secure = url_.starts_with("https:");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kMaxRedirects);
  set(CURLOPT_CONNECTTIMEOUT,
      static_cast<long>(options_.connect_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(options_.stall_timeout.count()));
  if (const char* file = certificate_file(); file && *file)
    set(CURLOPT_CAINFO, file);
}

// If-Range: the server sends everything if the file is another by now.
void Transfer::ask_for_rest(const Origin& origin) {
  expected_validator_ = origin.validator;
  headers_.reset(
      curl_slist_append(nullptr, ("If-Range: " + origin.validator).c_str()));
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_RANGE, (std::to_string(partial_.size()) + "-").c_str());
}

bool Transfer::go_on() {
  const Origin origin = partial_.origin();
  const bool some = partial_.size() > 0 && partial_.size() < options_.max_bytes;
  if (some && origin.url == url_ && !origin.validator.empty())
    ask_for_rest(origin);
  return perform();
}

void Transfer::start_anew() {
  expected_validator_.clear();
  set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  set(CURLOPT_RANGE, static_cast<const char*>(nullptr));
  perform();
}

bool Transfer::perform() {
  body_began_ = misfit_ = false;
  announced_ = 0;
  const CURLcode code = curl_easy_perform(curl_.get());
  if (failure_)
    std::rethrow_exception(failure_);
  if (code == CURLE_OK && !body_began_)
    begin_body();  // of no bytes
  if (misfit_)
    return false;
  if (code != CURLE_OK)
    throw_curl_error(code, curl_.get(), detail_, url_, partial_.size(),
                     options_);
  if (announced_ != 0 && partial_.size() < announced_)
    throw_ended_early("got " + std::to_string(partial_.size()) + " of " +
                          std::to_string(announced_) + " bytes",
                      url_, partial_.size());
  return true;
}

void Transfer::begin_body() {
  body_began_ = true;
  long status = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool rest = !expected_validator_.empty();
  if (status == kOk) {
    announce(body_size());
    partial_.restart({.url = url_, .validator = validator()});
  } else if (rest && status == kPartialContent) {
    begin_rest();
  } else if (rest && status == kRangeNotSatisfiable) {
    misfit_ = true;
  } else {
    throw_status(status, url_);
  }
}

// There are servers that know Range but not If-Range.
void Transfer::begin_rest() {
  const auto range = parse_content_range(header("Content-Range"));
  const std::string now = validator();
  misfit_ = range.first != partial_.size() ||
            (!now.empty() && now != expected_validator_);
  if (misfit_)
    return;
  if (range.total != 0)
    announce(range.total);
  else if (body_size() != 0)
    announce(partial_.size() + body_size());
}

void Transfer::announce(std::uint64_t bytes) {
  if (bytes > options_.max_bytes)
    throw Error(ErrorCode::kBadData,
                "expected at most " + std::to_string(options_.max_bytes) +
                    " bytes, got a server that announces " +
                    std::to_string(bytes) + ": " + url_);
  announced_ = bytes;
}

void Transfer::receive(const char* bytes, std::size_t size) {
  const std::uint64_t most = announced_ != 0 ? announced_ : options_.max_bytes;
  if (size > most - partial_.size()) {
    partial_.restart({});  // it is not the beginning of the right file
    throw Error(ErrorCode::kBadData, "expected at most " +
                                         std::to_string(most) +
                                         " bytes, got more: " + url_);
  }
  partial_.append(bytes, size);
  if (options_.progress)
    options_.progress(partial_.size(), announced_);
}

std::string Transfer::header(const char* name) const {
  curl_header* found = nullptr;
  constexpr int kOfLastResponse = -1;
  const CURLHcode code = curl_easy_header(curl_.get(), name, 0, CURLH_HEADER,
                                          kOfLastResponse, &found);
  return code == CURLHE_OK ? found->value : "";
}

// A weak ETag says that two files mean the same, not that their bytes do.
std::string Transfer::validator() const {
  const std::string etag = header("ETag");
  return etag.starts_with("\"") ? etag : header("Last-Modified");
}

std::uint64_t Transfer::body_size() const {
  curl_off_t size = -1;
  curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
  return size < 0 ? 0 : static_cast<std::uint64_t>(size);
}

std::size_t Transfer::on_body(char* bytes, std::size_t one, std::size_t size,
                              void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  constexpr std::size_t kStop = 0;
  try {
    if (!transfer.body_began_)
      transfer.begin_body();
    if (transfer.misfit_)
      return kStop;
    transfer.receive(bytes, one * size);
    return one * size;
  } catch (const std::exception&) {
    transfer.failure_ = std::current_exception();
    return kStop;
  }
}

}  // namespace torchclassify
