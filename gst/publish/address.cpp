// SPDX-License-Identifier: LGPL-2.1-or-later
#include "address.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::size_t kLongestMqttTopic = 65535;  // bytes
constexpr std::size_t kLongestKafkaTopic = 249;   // bytes

[[noreturn]] void refuse(const std::string& expected, const std::string& got) {
  throw Error(ErrorCode::kInvalidArgument,
              "expected " + expected + ", got \"" + got + "\"");
}

int parse_port(const std::string& text, const std::string& part) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || last != end || port < 1 || port > 65535)
    refuse("a port from 1 to 65535 in the property address", part);
  return port;
}

bool is_host(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return g_ascii_isgraph(c) && !std::strchr("/\\@?#[]", c);
  });
}

Endpoint parse_endpoint(const std::string& part, int default_port) {
  const bool bracketed = !part.empty() && part.front() == '[';
  const auto close = part.find(']');
  if (bracketed && close == std::string::npos)
    refuse("a closing bracket in the property address", part);
  const std::string host =
      bracketed ? part.substr(1, close - 1) : part.substr(0, part.find(':'));
  const std::string rest =
      bracketed ? part.substr(close + 1) : part.substr(host.size());
  if (!is_host(host))
    refuse("host or host:port in the property address", part);
  if (rest.empty())
    return {host, default_port};
  if (rest.front() != ':')
    refuse("host or host:port in the property address", part);
  return {host, parse_port(rest.substr(1), part)};
}

void check_readable(const char* property, const std::string& path) {
  if (path.empty() || access(path.c_str(), R_OK) == 0)
    return;
  throw Error(ErrorCode::kNotFound, std::string("expected the property ") +
                                        property + " to name a file, got " +
                                        path + ": " + std::strerror(errno));
}

}  // namespace

std::vector<Endpoint> parse_address(const std::string& address,
                                    int default_port) {
  if (address.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the property address to name a broker, got none");
  std::vector<Endpoint> endpoints;
  std::size_t begin = 0;
  while (begin <= address.size()) {
    const std::size_t end = std::min(address.find(',', begin), address.size());
    endpoints.push_back(
        parse_endpoint(address.substr(begin, end - begin), default_port));
    begin = end + 1;
  }
  return endpoints;
}

std::string to_string(const Endpoint& endpoint) {
  const bool numeric_v6 = endpoint.host.find(':') != std::string::npos;
  std::string text = numeric_v6 ? "[" : "";
  text += endpoint.host;
  text += numeric_v6 ? "]:" : ":";
  text += std::to_string(endpoint.port);
  return text;
}

void check_mqtt_topic(const std::string& topic) {
  if (topic.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the property topic to name a topic, got none");
  if (topic.size() > kLongestMqttTopic)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a topic of at most 65535 bytes, got " +
                    std::to_string(topic.size()));
  if (topic.find_first_of("+#") != std::string::npos)
    refuse("a topic without the wildcards + and #", topic);
  if (!g_utf8_validate(topic.data(), static_cast<gssize>(topic.size()),
                       nullptr))
    throw Error(ErrorCode::kInvalidArgument, "expected a topic in UTF-8");
}

void check_kafka_topic(const std::string& topic) {
  if (topic.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the property topic to name a topic, got none");
  const bool named = std::all_of(topic.begin(), topic.end(), [](char c) {
    return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
  if (!named || topic.size() > kLongestKafkaTopic || topic == "." ||
      topic == "..")
    refuse("a topic of at most 249 letters, digits, dots, _ and -", topic);
}

void check_security(const TransportOptions& options) {
  if (!options.password.empty() && options.username.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the property username beside password, got none");
  if (options.cert_file.empty() != options.key_file.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the properties cert-file and key-file together, got "
                "one of them");
  if (!options.tls)
    return;
  check_readable("ca-file", options.ca_file);
  check_readable("cert-file", options.cert_file);
  check_readable("key-file", options.key_file);
}

}  // namespace torchclassify
