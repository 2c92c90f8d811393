// SPDX-License-Identifier: LGPL-2.1-or-later
#include "transports.h"

#include <glib.h>

#include <utility>

#include "file_transport.h"
#include "kafka_transport.h"
#include "mqtt_transport.h"

namespace torchclassify {
namespace {

// Of a length that every MQTT 3.1.1 broker takes: 23 characters.
std::string random_client_id() {
  g_autofree char* id = g_strdup_printf("torchpublish-%08x", g_random_int());
  return id;
}

}  // namespace

std::unique_ptr<Transport> make_transport(TransportOptions options) {
  if (options.client_id.empty())
    options.client_id = random_client_id();
  switch (options.method) {
    case Method::kMqtt:
      return make_mqtt_transport(options);
    case Method::kKafka:
      return make_kafka_transport(options);
    default:
      return make_file_transport(options);
  }
}

}  // namespace torchclassify
