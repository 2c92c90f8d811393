// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests to a web server whose answers go into a partial file.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "fetch/download.h"
#include "fetch/partial_file.h"

namespace torchclassify {

// One thread. url, partial and options must outlive it.
class Transfer {
 public:
  Transfer(const std::string& url, PartialFile& partial,
           const DownloadOptions& options);

  // Appends what partial lacks of the file, or starts anew where the server
  // wants that. False, with nothing written: partial is not the beginning of
  // what the server has. Throws as download().
  bool go_on();

  // Drops what partial has and fetches everything. Throws as download().
  void start_anew();

 private:
  struct Cleanup {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  template <typename Value>
  void set(CURLoption option, Value value);
  void set_connection();
  void ask_for_rest(const Origin& origin);
  bool perform();
  void begin_body();
  void begin_rest();
  void announce(std::uint64_t bytes);
  void receive(const char* bytes, std::size_t size);
  std::string header(const char* name) const;
  std::string validator() const;
  std::uint64_t body_size() const;  // 0: unknown

  static std::size_t on_body(char* bytes, std::size_t one, std::size_t size,
                             void* self);

  const std::string& url_;
  PartialFile& partial_;
  const DownloadOptions& options_;
  const std::unique_ptr<CURL, Cleanup> curl_;
  std::unique_ptr<curl_slist, Cleanup> headers_;
  char detail_[CURL_ERROR_SIZE] = "";  // libcurl's words for what went wrong
  std::string expected_validator_;     // empty: everything is asked for
  bool body_began_ = false;
  bool misfit_ = false;          // what comes does not continue partial
  std::uint64_t announced_ = 0;  // bytes of the whole file; 0: unknown
  std::exception_ptr failure_;   // from our code below libcurl's
};

}  // namespace torchclassify
