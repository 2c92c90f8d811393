// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands for mqtt_transport.cpp in a build without libmosquitto.
#include "mqtt_transport.h"
#include "torchclassify/error.h"

namespace torchclassify {

std::unique_ptr<Transport> make_mqtt_transport(const TransportOptions&) {
  throw Error(ErrorCode::kUnsupported,
              "method=mqtt is not available: torchpublish was built without "
              "libmosquitto");
}

}  // namespace torchclassify
