// SPDX-License-Identifier: LGPL-2.1-or-later
#include "web_server.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace support {

const WebServer& WebServer::shared() {
  static const WebServer server;
  return server;
}

WebServer::WebServer() {
  std::string script = HTTP_SERVER;
  std::string folder = folder_.path().string();
  char* argv[] = {script.data(), folder.data(), nullptr};
  g_autoptr(GError) error = nullptr;
  int output = -1;
  g_spawn_async_with_pipes(nullptr, argv, nullptr, G_SPAWN_DEFAULT, nullptr,
                           nullptr, nullptr, &input_, &output, nullptr, &error);
  g_assert_no_error(error);
  char port[16] = "", https_port[16] = "";
  FILE* const lines = fdopen(output, "r");
  const int found = std::fscanf(lines, "%15s %15s", port, https_port);
  std::fclose(lines);
  g_assert_cmpint(found, ==, 2);
  port_ = port;
  https_port_ = https_port;
}

WebServer::~WebServer() { close(input_); }

std::string WebServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + port_ + path;
}

std::string WebServer::https_url_or_skip(const std::string& path) const {
  if (https_port_ == "0") {
    g_test_skip("no openssl command, so no certificate");
    return {};
  }
  return "https://127.0.0.1:" + https_port_ + path;
}

std::filesystem::path WebServer::certificate() const {
  return folder_ / "certificate.pem";
}

std::vector<std::string> WebServer::requests_for(
    const std::string& path) const {
  std::istringstream log(read_file(folder_ / "requests"));
  std::vector<std::string> found;
  for (std::string line; std::getline(log, line);) {
    if (line.starts_with(path + " "))
      found.push_back(line);
  }
  return found;
}

std::string WebServer::content() {
  constexpr int kSize = 300'000;
  std::string bytes;
  for (int i = 0; i < kSize; ++i)
    bytes += static_cast<char>((7 * i + i / 251) % 256);
  return bytes;
}

std::string WebServer::other() {
  std::string bytes = content();
  std::ranges::reverse(bytes);
  return bytes;
}

void clear_network_environment() {
  for (const char* variable :
       {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
        "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE", "SSL_CERT_FILE"})
    g_unsetenv(variable);
}

}  // namespace support
