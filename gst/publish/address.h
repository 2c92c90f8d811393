// SPDX-License-Identifier: LGPL-2.1-or-later
// What the user calls a broker and a topic, checked.
#pragma once

#include <string>
#include <vector>

#include "publish_settings.h"

namespace torchclassify {

struct Endpoint {
  std::string host;  // a name or a number, without brackets
  int port = 0;      // 1 to 65535
};

// HOST, HOST:PORT, [IPV6]:PORT or several of them, separated by commas. Throws
// Error kInvalidArgument for anything else, none included.
std::vector<Endpoint> parse_address(const std::string& address,
                                    int default_port);
std::string to_string(const Endpoint& endpoint);

// Throw Error kInvalidArgument for a topic that nothing can be published to.
void check_mqtt_topic(const std::string& topic);
void check_kafka_topic(const std::string& topic);

// What every broker wants: a password has a user, a certificate a key; the
// files can be read, where TLS is on. Throws Error.
void check_security(const TransportOptions& options);

}  // namespace torchclassify
