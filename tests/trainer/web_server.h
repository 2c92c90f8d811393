// SPDX-License-Identifier: LGPL-2.1-or-later
// A local web server that misbehaves as its paths say (http_server.py).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/test_files.h"

namespace support {

// Started at the first use, ended with the process.
class WebServer {
 public:
  static const WebServer& shared();
  ~WebServer();

  // path: such as /file, after the functions of http_server.py. What differs
  // the first time does so for each query: /cut?a, /cut?b.
  std::string url(const std::string& path) const;
  // Empty, and the running test marked as skipped, without openssl(1).
  std::string https_url_or_skip(const std::string& path) const;
  std::filesystem::path certificate() const;  // the server's, self-signed

  // One line for each request for exactly this path.
  std::vector<std::string> requests_for(const std::string& path) const;

  static std::string content();  // of /file: 300,000 bytes
  static std::string other();    // the same, last byte first
  // The first digits of their SHA-256.
  static constexpr char kHash[] = "5a67e7e5";
  static constexpr char kOtherHash[] = "5d973026";

 private:
  WebServer();

  TemporaryFolder folder_;
  int input_ = -1;  // the server ends when it is closed
  std::string port_, https_port_;
};

// No proxy and no certificates of the user's reach the test.
void clear_network_environment();

}  // namespace support
